"""HL102; its page is unreadable_file.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.finding import Finding, Severity
from halint.rule import Rule


class UnreadableFile(Rule):
    """A configuration file cannot be read."""

    code = "HL102"
    severity = Severity.ERROR

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for problem in cluster.problems:
            if problem.kind == "unreadable":
                message = f"this cannot be read, and nothing in it is checked: {problem.message}"
                yield self.finding(message, problem.node, problem)
