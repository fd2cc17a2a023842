"""HL101; its page is syntax_error.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.finding import Finding, Location, Severity
from halint.misread import misread
from halint.node import Node
from halint.rule import Rule
from halint.source import Place
from halint.tree import SyntaxProblem


class SyntaxError(Rule):  # noqa: A001
    """A file holds something that its format does not allow."""

    code = "HL101"
    severity = Severity.ERROR
    ignorable = False

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        seen = set()
        for node in cluster.nodes:
            for problem in _problems(node):
                key = problem.source, problem.start, problem.message
                if key not in seen:
                    seen.add(key)
                    related = misread(node, problem.source, problem.end, problem.reach)
                    if problem.closed is not None:
                        brace = Place(problem.source, problem.closed, problem.closed + 1)
                        related.append(Location(node, brace, "closes the last block"))
                    if problem.before is not None and problem.before < problem.reach:
                        place = Place(problem.source, problem.before, problem.before + 1)
                        related.append(Location(node, place, "before this, at the latest"))
                    yield self.finding(f"syntax error: {problem.message}", node, problem, related=related)


def _problems(node: Node) -> Iterator[SyntaxProblem]:
    """The problems of every file that a program of `node` reads."""
    for source in node.files.values():
        if source.format not in {"keepalived", "haproxy", "text"}:
            yield from node.tree(source).problems
    if "firewall" in node.collected:
        yield from node.firewall.problems
    if node.keepalived is not None:
        yield from node.keepalived.problems
    if node.haproxy is not None:
        for source in node.haproxy.sources:
            yield from node.tree(source).problems
