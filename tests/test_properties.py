"""What holds for every input: nothing is lost in reading, and a run neither crashes nor harms nor tells secrets."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pyparsing as pp
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import files, mutated, mutated_clusters, pieces
from test_grammars import flat

from halint import cluster, fixer, registry
from halint.cli import cli
from halint.cluster import Cluster
from halint.discovery import nodes as discovery
from halint.finding import Edit
from halint.node import Node
from halint.selection import Selection
from halint.settings import Settings
from halint.source import Source
from halint.tree import Statement, Tree

GRAMMARS = registry.file_grammars()
FORMATS = pytest.mark.parametrize("form", GRAMMARS)
#: How many times the examples of the default suite.
TIMES = pytest.mark.parametrize("times", [1, pytest.param(50, marks=pytest.mark.fuzz)])


def for_all(test: Callable[..., None], examples: int, *strategies: st.SearchStrategy[Any]) -> None:
    """Run `test` on examples, the same ones each time."""
    chosen = settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    chosen(given(*strategies)(test))()


def read(form: str, data: bytes) -> Tree:
    source = Source.of_bytes("f", data, format=form)
    assert source.data == data
    tree: Tree = import_module(f"halint.readers.{form}").read(source)
    return tree


def nested(statements: list[Statement], start: int, end: int) -> None:
    """Statements follow each other, their words in order and their bodies inside them."""
    levels = [(statements, start, end)]
    while levels:
        level, at, end = levels.pop()
        for statement in level:
            assert at <= statement.start <= statement.end <= end
            at = statement.start
            for word in statement.words:
                assert at <= word.start <= word.end
                at = word.end
            if statement.body is None:
                assert at <= statement.end
            else:
                assert at <= statement.body_start <= statement.body_end <= end
                levels.append((statement.body, statement.body_start, statement.body_end))
            at = max(at, statement.end)


def lossless(form: str, data: bytes) -> None:
    tree = read(form, data)
    text, at = tree.source.text, 0
    for token in tree.tokens():
        assert token.start == at < token.end
        assert "\n" not in text[token.start : token.end - 1] or token.kind == "continuation", token
        at = token.end
    assert at == len(text)
    nested(tree.statements, 0, len(text))
    for problem in tree.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message.startswith("expected"), problem.message


@TIMES
@FORMATS
def test_mutated_files_are_read_losslessly(form: str, times: int) -> None:
    seeds = files(form, public=times > 1)
    mutations = st.sampled_from(seeds).flatmap(lambda data: mutated(data, seeds))
    for_all(lambda data: lossless(form, data), 25 * times, mutations)


@TIMES
@FORMATS
def test_generated_files_and_bytes_are_read_losslessly(form: str, times: int) -> None:
    for_all(lambda data: lossless(form, data), 40 * times, pieces(form) | st.binary(max_size=40))


@TIMES
@FORMATS
def test_the_reader_agrees_with_the_grammar_on_what_is_almost_a_file(form: str, times: int) -> None:
    def agrees(data: bytes) -> None:
        tree = read(form, data)
        try:
            parsed = GRAMMARS[form].parse(tree.source.text)
        except pp.ParseBaseException:
            assert tree.problems
            return
        if not tree.problems:
            assert [*flat(parsed)] == [*tree.tokens()]

    seeds = sorted(files(form, public=times > 1), key=len)[:200]
    mutations = st.sampled_from(seeds).flatmap(lambda data: mutated(data, seeds, 2))
    for_all(agrees, 10 * times, mutations | pieces(form))


OUTPUTS = ("concise", "json", "sarif", "github")
PREFER = "lb1"
POSITION = {"line", "column"}


class Run:
    """A cluster on disk, and the verbs on it."""

    def __init__(self, cluster: dict[str, bytes], folder: str) -> None:
        self.folder = Path(folder)
        for path, data in cluster.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def halint(self, *arguments: str) -> tuple[int, str, str]:
        os.chdir(self.folder)
        done = CliRunner().invoke(cli, [*arguments], standalone_mode=False)
        assert done.exception is None, done.exc_info
        assert "Traceback" not in done.output
        return done.return_value, done.stdout, done.stderr

    def files(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file()}

    def errors(self) -> Counter[tuple[str, str]]:
        found = json.loads(self.halint("check", "--output", "json")[1])["findings"]
        return Counter((f["code"], f["location"]["path"]) for f in found if f["severity"] == "error")


def on_disk(test: Callable[[Run], None]) -> Callable[[dict[str, bytes]], None]:
    """`test` on a cluster that is written to a folder of its own."""

    def run(cluster: dict[str, bytes]) -> None:
        here = Path.cwd()
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(Run(cluster, folder))
            finally:
                os.chdir(here)

    return run


def inside(place: dict[str, Any], run: Run) -> None:
    """The span lies in its file."""
    text = (run.folder / place["path"]).read_bytes().decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    for end in (place["start"], place["end"]):
        assert end.keys() == POSITION
        assert 1 <= end["line"] <= len(lines), place
        assert 1 <= end["column"] <= len(lines[end["line"] - 1]) + 1, place
    assert tuple(place["start"].values()) <= tuple(place["end"].values())


def follows_contract(document: dict[str, Any], run: Run) -> None:
    assert document.keys() == {"schema", "findings", "skipped", "targets", "summary"} and document["schema"] == 1
    rules = registry.rules()
    for finding in document["findings"]:
        assert finding.keys() == {
            "code", "rule", "severity", "message", "cluster", "location", "related", "fix", "fingerprint", "url",
        }  # fmt: skip
        assert finding["rule"] == rules[finding["code"]].name
        assert finding["severity"] in {"info", "warning", "error"} and finding["message"]
        for place in (finding["location"], *finding["related"]):
            assert place.keys() == {"node", "nodes", "path", "start", "end", "label"}
            inside(place, run)
        for edit in (finding["fix"] or {"edits": []})["edits"]:
            assert edit.keys() == {"node", "path", "start", "end", "text", "create"}
            if not edit["create"]:
                inside(edit, run)
    prints = [finding["fingerprint"] for finding in document["findings"]]
    assert len(prints) == len(set(prints))
    for skipped in document["skipped"]:
        assert skipped.keys() == {"code", "node", "missing"} and skipped["code"] in rules


@TIMES
def test_any_cluster_can_be_checked(times: int) -> None:
    @on_disk
    def checked(run: Run) -> None:
        before = run.files()
        outputs = [option for kind in OUTPUTS for option in ("--output", f"{kind}={kind}")]
        status, full, errors = run.halint("check", "--output", "full", *outputs)
        written = {kind: (run.folder / kind).read_text(encoding="utf-8", errors="strict") for kind in OUTPUTS}
        for kind in written:
            (run.folder / kind).unlink()
        assert run.files() == before
        document = json.loads(written["json"])
        follows_contract(document, run)
        count = len(document["findings"])
        assert status == any(f["severity"] != "info" for f in document["findings"])
        assert errors == "" and full
        assert len(re.findall(r"(?m)^[^:\n]+:[0-9]+:[0-9]+: (?:error|warning|info): .+ \[[A-Z]+[0-9]+\]$",
                              written["concise"])) == written["concise"].count("\n") == count  # fmt: skip
        assert len(re.findall(r"(?m)^::(?:error|warning|notice) file=", written["github"])) == count
        assert len(json.loads(written["sarif"])["runs"][0]["results"]) == count
        run.halint("nodes")

    for_all(checked, 40 * times, mutated_clusters())


@TIMES
def test_fixing_twice_is_fixing_once_and_adds_no_error(times: int) -> None:
    @on_disk
    def fixed(run: Run) -> None:
        before, errors = run.files(), run.errors()
        diff = run.halint("fix", "--unsafe", "--prefer", PREFER, "--diff", "--show-secrets")[1]
        assert run.files() == before
        run.halint("fix", "--unsafe", "--prefer", PREFER)
        once, fewer = run.files(), run.errors()
        run.halint("fix", "--unsafe", "--prefer", PREFER)
        assert run.files() == once
        assert not fewer - errors
        assert before.keys() <= once.keys()
        assert bool(diff) == (once != before)

    for_all(fixed, 12 * times, mutated_clusters())


@TIMES
def test_lines_that_no_edit_touches_stay_as_they_are(times: int) -> None:
    @on_disk
    def kept(run: Run) -> None:
        os.chdir(run.folder)
        found = discovery.find(["."], Settings())

        def group(nodes: list[Node]) -> list[Cluster]:
            return cluster.group(nodes, Settings(), found.problems)

        fixed = fixer.fix(found.nodes, group, Selection(), unsafe=True, prefer=PREFER)
        touched: dict[str, set[str]] = defaultdict(set)
        for finding in fixed.applied:
            assert finding.fix is not None
            for edit in (finding.fix.prefer or {}).get(PREFER) or finding.fix.edits:
                if isinstance(edit, Edit):
                    start, end = edit.source.line_start(edit.start), edit.source.line_end(edit.end)
                    touched[edit.source.path].update(lines(edit.source.text[start:end]))
        for change in fixed.changes:
            if change.before is not None:
                assert change.before.data == (run.folder / change.before.path).read_bytes()
                after = iter(lines(change.after.text))
                for line in lines(change.before.text):
                    assert line in touched[change.before.path] or line in after

    for_all(kept, 12 * times, mutated_clusters())


def lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


#: In every secret, so that no part of it that says anything is in an output.
MARK = "Geheim"


def with_secrets(path: str, data: bytes) -> bytes:
    """A file of a cluster with every kind of secret that it may hold, each on a line of its own; the nodes'
    differ, so that rules speak of them."""
    node = path.partition("/")[0]
    data = re.sub(rb"(auth_pass +)[^ \n]+", rb"\g<1>" + f"{MARK}{node}".encode(), data)
    data = re.sub(rb"(?m)^( +script ).*", rf'\1"/usr/bin/curl -u ops:{MARK}1 http://127.0.0.1/"'.encode(), data)
    data = re.sub(rb"(?m)^( +)mode http$", rf"\g<0>\n\1stats auth ops:{MARK}2".encode(), data)
    if path.endswith("haproxy.cfg"):
        data += f"userlist ops\n  user a insecure-password {MARK}3\n  user b password $5${MARK}4\n".encode()
        data += f'backend b\n  http-request set-header Authorization "Basic {MARK}5"\n'.encode()
    return data


@TIMES
def test_no_output_tells_a_secret(times: int) -> None:
    @on_disk
    def hidden(run: Run) -> None:
        outputs = [option for kind in OUTPUTS for option in ("--output", f"{kind}={kind}")]
        said = [*run.halint("check", "--output", "full", "--color", "always", *outputs)]
        said += [(run.folder / kind).read_text(encoding="utf-8") for kind in OUTPUTS]
        for kind in OUTPUTS:
            (run.folder / kind).unlink()
        said += run.halint("nodes")
        said += run.halint("fix", "--unsafe", "--prefer", PREFER, "--diff")
        said += run.halint("fix", "--unsafe", "--prefer", PREFER)
        for text in map(str, said):
            assert MARK not in text

    for_all(hidden, 20 * times, mutated_clusters(with_secrets, MARK.encode()))
