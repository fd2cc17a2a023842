from __future__ import annotations

from collections.abc import Iterator

from toys import Blind, Crash, Differs, Toy, Warned, node, one_cluster, source

from halint import linter
from halint.cluster import Cluster
from halint.finding import Finding, Severity, Skipped
from halint.node import Node
from halint.selection import Selection, means
from halint.tree import Word


def test_selection_by_code_prefix_and_name() -> None:
    rule = Toy()
    assert means("XX101", rule) and means("xx1", rule) and means("toy", rule) and means("ALL", rule)
    assert not means("XX102", rule) and not means("to", rule) and not means("", rule)
    assert rule in Selection()
    assert rule in Selection(["XX1"]) and rule not in Selection(["XX1"], ["toy"])
    assert Selection(["XX1", "nonsense"], ["other"]).unknown([rule]) == ["nonsense", "other"]


def test_findings_are_sorted_by_place_and_skipped_said_once_by_code() -> None:
    clusters = one_cluster([node("lb2", source("b", "odd\nbad\n")), node("lb1", source("a", "bad\n"))])
    report = linter.check(clusters, rules=[Warned(), Blind(), Blind(), Toy()])
    assert [(f.location.source.path, f.code) for f in report.findings] == [
        ("a", "XX101"),
        ("b", "XX102"),
        ("b", "XX101"),
    ]
    assert [skipped.node.name for skipped in report.skipped] == ["lb1", "lb2"]
    assert report.count(Severity.ERROR) == 2
    assert {finding.cluster for finding in report.findings} == {"toy"}


def test_a_crash_is_a_finding_and_the_others_go_on() -> None:
    clusters = [
        Cluster("one", [node("lb1", source("a", "bad\n"))]),
        Cluster("two", [node("lb2", source("b", "bad\n"))]),
    ]
    report = linter.check(clusters, rules=[Crash(), Toy()])
    assert [(f.code, f.cluster) for f in report.findings] == [
        ("HL901", "one"), ("XX101", "one"), ("HL901", "two"), ("XX101", "two"),
    ]  # fmt: skip
    assert "XX900 crash failed with ZeroDivisionError on cluster one" in report.findings[0].message
    assert len(report.crashes) == 2 and "ZeroDivisionError: in one" in report.crashes[0]
    assert report.findings[0].severity is Severity.ERROR


def test_a_crash_on_a_cluster_without_files() -> None:
    report = linter.check([Cluster("none", [])], rules=[Crash()])
    assert [f.location.source.path for f in report.findings] == ["."]


def test_a_shared_file_gives_one_finding() -> None:
    shared = source("keepalived.conf", "bad\n")
    report = linter.check(one_cluster([node("lb1", shared), node("lb2", shared)]), rules=[Toy()])
    (finding,) = report.findings
    assert finding.location.nodes == ("lb1", "lb2")
    assert finding.message == "lb1, lb2 has bad; take it away"
    assert finding.fix and len(finding.fix.edits) == 1


def test_different_faults_at_one_place_stay_apart() -> None:
    class Twice(Toy):
        def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
            for finding in super().check_node(node):
                assert isinstance(finding, Finding)
                for address in ("192.0.2.1", "192.0.2.2"):
                    yield self.finding(f"{node.name} lacks {address}", node, finding.location)

    shared = source("keepalived.conf", "bad\n")
    report = linter.check(one_cluster([node("lb1", shared), node("lb2", shared)]), rules=[Twice()])
    assert [f.message for f in report.findings] == ["lb1, lb2 lacks 192.0.2.1", "lb1, lb2 lacks 192.0.2.2"]


def test_equal_text_in_two_files_is_two_findings() -> None:
    clusters = one_cluster([node("lb1", source("a", "bad\n")), node("lb2", source("b", "bad\n"))])
    assert len(linter.check(clusters, rules=[Toy()]).findings) == 2


def test_rules_that_are_not_selected_do_not_run() -> None:
    clusters = one_cluster([node("lb1", source("a", "value 1\n")), node("lb2", source("b", "value 2\n"))])
    report = linter.check(clusters, Selection(["XX105"]), rules=[Crash(), Differs()])
    assert [f.code for f in report.findings] == ["XX105"]


def test_a_byte_that_is_no_utf8_is_quoted_as_such() -> None:
    place = source("a", "b\udcff\n")
    found = Toy().finding(f"there is no {place.text.strip()!r}", None, Word(place, 0, 2))
    assert found.message == r"there is no 'b\xff'"
