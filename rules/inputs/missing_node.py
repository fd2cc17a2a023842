"""HL105; its page is missing_node.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.finding import Finding, Severity
from halint.rule import Rule


class MissingNode(Rule):
    """halint.toml names a node of which the input has no file."""

    code = "HL105"
    severity = Severity.ERROR

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for problem in cluster.problems:
            if problem.kind == "missing-node":
                yield self.finding(problem.message, None, problem)
