"""LV104; its page is real_server_duplicate.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class RealServerDuplicate(Rule):
    """A virtual server has one real server twice."""

    code = "LV104"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "duplicate":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what}; remove one of them",
                    node,
                    fault.at,
                )
