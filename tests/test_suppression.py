from __future__ import annotations

import pytest
from toys import Blind, Crash, Differs, Toy, Unignorable, Warned, node, one_cluster, source

from halint import linter, registry
from halint.rule import Rule
from halint.source import Source
from halint.suppression import SuppressionRule

JUDGES = [rule for rule in registry.rules().values() if isinstance(rule, SuppressionRule)]
CODES = {"HL110": "unused", "HL111": "expired", "HL112": "reason", "HL113": "unknown"}


def codes(text: str, *rules: Rule, today: str = "2027-01-31") -> list[str]:
    """What is found in the file of a lone node. HL110 and HL113 do not know the toys: they are asked apart."""
    report = linter.check(one_cluster([node("lb1", source("a", text))]), rules=rules or [Toy(), Warned()], today=today)
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    "text",
    [
        "bad # halint: ignore[XX101] why\n",
        "bad 1 2 ! halint: ignore[XX101] why\n",
        "bad {  # halint: ignore[XX101] why\n  x\n}\n",
        "bad \\\n  1 # halint: ignore[XX101] why\n",
        "# halint: ignore[XX101] why\nbad\n",
        "  # halint: ignore[XX101] why\n\n# another\nbad\n",
        "bad #halint:ignore[XX101]\n",
        "bad # halint: ignore[XX9, toy] why\n",
        "bad # halint: ignore[xx1] why\r\n",
        "block { bad } # halint: ignore[XX101] why\n",
        "# halint: ignore[XX102] why\n# halint: ignore[XX101] why\nbad\n",
        "bad # told # halint: ignore[XX101] why",
    ],
)
def test_silences(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "bad # halint: ignore[XX102] why\n",
        "bad # halint: ignore\n",
        "bad # halint: ignore[]\n",
        "bad # halint: ignored[XX101]\n",
        "good # halint: ignore[XX101] why\nbad\n",
        "# halint: ignore[XX101] why\ngood\nbad\n",
        "bad\n# halint: ignore[XX101] why\n",
        "block { # halint: ignore[XX101] why\n bad\n}\n",
        'x "# halint: ignore[XX101] why"\nbad\n',
    ],
)
def test_does_not_silence(text: str) -> None:
    assert codes(text) == ["XX101"]


@pytest.mark.parametrize(
    ("format", "line"),
    [
        ("haproxy", "defaults\n  bad # halint: ignore[XX101] why\n"),
        ("haproxy", "defaults\n  # halint: ignore[XX101] why\n  bad\n"),
        ("sysctl", "# halint: ignore[XX101] why\nbad = 1\n"),
        ("sysctl", "; halint: ignore[XX101] why\nbad = 1\n"),
        ("xml", "<!-- halint: ignore[XX101] why -->\n<bad/>\n"),
        ("nftables", "bad # halint: ignore[XX101] why\n"),
        ("iptables", "# halint: ignore[XX101] why\nbad\n"),
        ("logrotate", "# halint: ignore[XX101] why\nbad {\n}\n"),
        ("ini", "[x]\n# halint: ignore[XX101] why\nbad=1\n"),
        ("assignments", "# halint: ignore[XX101] why\nbad=1\n"),
        ("rsyslog", "# halint: ignore[XX101] why\nbad\n"),
    ],
)
def test_every_format_has_its_comments(format: str, line: str) -> None:
    class Anywhere(Toy):
        keyword = "bad"

    text = Source("a", line, format=format)
    assert linter.check(one_cluster([node("lb1", text)]), rules=[Anywhere()]).findings == []
    bare = Source("a", line.replace("halint", "other"), format=format)
    assert len(linter.check(one_cluster([node("lb1", bare)]), rules=[Anywhere()]).findings) == 1


def test_sysctl_has_no_trailing_comments() -> None:
    text = Source("a", "bad = 1 # halint: ignore[XX101] why\n", format="sysctl")
    assert len(linter.check(one_cluster([node("lb1", text)]), rules=[Toy()]).findings) == 1


def test_is_honoured_at_a_related_place() -> None:
    first = node("lb1", source("a", "value 1 # halint: ignore[XX105] why\n"))
    report = linter.check(one_cluster([first, node("lb2", source("b", "value 2\n"))]), rules=[Differs()])
    assert (report.findings, report.suppressed) == ([], 1)


def test_what_cannot_be_ignored() -> None:
    assert codes("bad # halint: ignore[ALL] why\n", Unignorable()) == ["XX103"]
    assert "HL901" in codes("bad # halint: ignore[HL901, XX900] why\n", Crash())


@pytest.mark.parametrize(("today", "found"), [("2027-01-30", []), ("2027-01-31", []), ("2027-02-01", ["XX101"])])
def test_last_day(today: str, found: list[str]) -> None:
    assert codes("bad # halint: ignore[XX101] why until=2027-01-31\n", today=today) == found
    assert codes("bad # halint: ignore[XX101] until=2027-01-31 why\n", today=today) == found


def judged(text: str, *rules: Rule, today: str = "2027-01-31", nodes: int = 1) -> list[str]:
    nodes_ = [node(f"lb{number}", source(f"f{number}", text)) for number in range(1, nodes + 1)]
    report = linter.check(one_cluster(nodes_), rules=[*JUDGES, *rules], today=today)
    return [finding.code for finding in report.findings if finding.location.source.path == "f1"]


LONELY = "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 1 # halint: ignore[%s] %s\n}\n"


def test_findings_about_comments() -> None:
    known = registry.rules()["KA201"]
    assert judged(LONELY % ("KA201", "why"), known, nodes=2) == ["HL110"]
    assert judged(LONELY % ("KA201", ""), known, nodes=2) == ["HL110", "HL112"]
    assert judged(LONELY % ("KA201", "why until=2026-12-31"), known, nodes=2) == ["HL110", "HL111"]
    assert judged(LONELY % ("KA201", "why until=soon"), known, nodes=2) == ["HL110", "HL111"]
    assert judged(LONELY % ("nonsense", "why"), known, nodes=2) == ["HL113"]
    assert judged(LONELY % ("", "why"), known, nodes=2) == ["HL113"]
    assert judged(LONELY % ("KA201, HL1", "why"), known, nodes=2) == ["HL110"]


def test_unused_is_not_said_where_the_rule_could_not_judge() -> None:
    class BlindNow(Blind):
        code = "KA201"

    class CrashNow(Crash):
        code = "KA201"

    known = registry.rules()["KA201"]
    assert judged(LONELY % ("KA201", "why"), known) == [], "no partner"
    assert judged(LONELY % ("KA201", "why"), BlindNow(), nodes=2) == []
    assert judged(LONELY % ("KA201", "why"), CrashNow(), nodes=2) == ["HL901"]


def test_unused_names_the_selectors_that_are() -> None:
    class Here(Toy):
        code = "KA201"
        keyword = "virtual_router_id"

    text = LONELY % ("KA201, HL110", "why")
    report = linter.check(one_cluster([node("lb1", source("a", text))]), rules=[*JUDGES, Here()])
    (finding,) = report.findings
    assert "no finding of HL110," in finding.message
    assert finding.fix
    (edit,) = finding.fix.edits
    assert text[: edit.start] + edit.text + text[edit.end :] == LONELY % ("KA201", "why")  # type: ignore[union-attr]


def test_a_comment_in_a_shared_file_is_one_finding() -> None:
    shared = source("a", LONELY % ("nonsense", "why"))
    report = linter.check(one_cluster([node("lb1", shared), node("lb2", shared)]), rules=JUDGES)
    assert [finding.location.nodes for finding in report.findings] == [("lb1", "lb2")]


def test_judges_are_selected_as_others() -> None:
    assert codes("bad # halint: ignore[nonsense]\n", Toy()) == ["XX101"]
