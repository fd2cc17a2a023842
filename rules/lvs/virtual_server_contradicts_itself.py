"""LV114; its page is virtual_server_contradicts_itself.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class VirtualServerContradictsItself(Rule):
    """Two lines of a virtual server cannot both be meant."""

    code = "LV114"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "contradiction":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what}; remove or correct one of them",
                    node,
                    fault.at,
                )
