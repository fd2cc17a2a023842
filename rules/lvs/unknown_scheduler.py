"""LV108; its page is unknown_scheduler.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class UnknownScheduler(Rule):
    """A virtual server names a scheduler that keepalived does not know."""

    code = "LV108"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "scheduler":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what} and uses wlc; correct it",
                    node,
                    fault.at,
                )
