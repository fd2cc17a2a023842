"""LV103; its page is dr_or_tun_port_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class DrOrTunPortMismatch(Rule):
    """A real server that is not reached by NAT has another port than its virtual server."""

    code = "LV103"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "port":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what}; give both the same port",
                    node,
                    fault.at,
                )
