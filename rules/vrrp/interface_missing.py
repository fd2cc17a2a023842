"""KA103; its page is interface_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived import refusal
from halint.node import Node
from halint.rule import Rule


class InterfaceMissing(Rule):
    """An instance has no interface that keepalived can use."""

    code = "KA103"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            why = refusal.interface_fault(instance, node)
            if why:
                yield self.finding(
                    f"VRRP on {node.name} will not start: {instance.name} has {why}; name the interface that its "
                    "adverts go through",
                    node,
                    instance.interface.at,
                )
