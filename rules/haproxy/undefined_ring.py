"""HA145; its page is undefined_ring.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.haproxy.names import Names
from halint.node import Node
from halint.rule import Rule


class UndefinedRing(Rule):
    """A log line names a ring that is not there."""

    code = "HA145"
    severity = Severity.ERROR

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        rings = Names(node, node.haproxy).rings
        for target in node.haproxy.ring_targets:
            name = target.text.partition("@")[2]
            if name not in rings:
                yield self.finding(
                    f"haproxy on {node.name} will not start, although `haproxy -c` says nothing: there is no ring "
                    f"{name!r}; define it, or correct the name",
                    node,
                    target,
                )
