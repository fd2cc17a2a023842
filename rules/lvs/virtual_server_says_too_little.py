"""LV113; its page is virtual_server_says_too_little.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class VirtualServerSaysTooLittle(Rule):
    """A virtual server leaves out its protocol, scheduler or forwarding method, and keepalived says so."""

    code = "LV113"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "default":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what}; write what is meant",
                    node,
                    fault.at,
                )
