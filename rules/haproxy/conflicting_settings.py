"""HA144; its page is conflicting_settings.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy.conflicts import conflicts
from halint.node import Node
from halint.rule import Rule


class ConflictingSettings(Rule):
    """Two lines of a proxy exclude each other."""

    code = "HA144"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for found in conflicts(node.haproxy):
            yield self.finding(
                f"haproxy on {node.name} {found.effect}; {found.cure}",
                node,
                found.word,
                related=[Location(node, found.other, "in conflict with this")],
                severity=Severity.ERROR if found.fatal else Severity.WARNING,
            )
