"""HL103; its page is template_not_rendered.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.finding import Finding, Severity
from halint.rule import Rule


class TemplateNotRendered(Rule):
    """A file is a template: somebody still has to fill it in."""

    code = "HL103"
    severity = Severity.INFO

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for problem in cluster.problems:
            if problem.kind == "template":
                message = "this is a template that is not rendered, and is not checked; render it and check the result"
                yield self.finding(message, problem.node, problem)
