"""HA103; its page is duplicate_section_or_server.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy.duplicates import duplicates
from halint.node import Node
from halint.rule import Rule


class DuplicateSectionOrServer(Rule):
    """Two sections, servers or other things of haproxy have one name or number."""

    code = "HA103"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for found in duplicates(node.haproxy):
            if found.fatal:
                message = f"haproxy on {node.name} will not start: there is a {found.what} already; rename one of them"
            else:
                message = f"haproxy on {node.name} will ignore this: there is a {found.what} already; keep one of them"
            yield self.finding(
                message,
                node,
                found.word,
                related=[Location(node, found.first, "the first one")],
                severity=Severity.ERROR if found.fatal else Severity.WARNING,
            )
