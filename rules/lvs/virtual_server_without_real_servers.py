"""LV101; its page is virtual_server_without_real_servers.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class VirtualServerWithoutRealServers(Rule):
    """A virtual server has no real server that keepalived keeps, so it is no service."""

    code = "LV101"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "no-real-server":
                yield self.finding(
                    f"{fault.server.name} is no service on {node.name}: keepalived {fault.what}; add one, or remove it",
                    node,
                    fault.at,
                )
