"""KA102; its page is vrid_duplicate_on_interface.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived import refusal
from halint.node import Node
from halint.rule import Rule


class VridDuplicateOnInterface(Rule):
    """Two instances of a node have the same virtual_router_id where keepalived cannot tell their adverts apart."""

    code = "KA102"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for other, instance in refusal.clashes(node):
            family = instance.family or 4
            yield self.finding(
                f"VRRP on {node.name} will not start: {other.name} and {instance.name} both have virtual_router_id "
                f"{instance.vrid.value} for IPv{family} on {instance.interface.value}; give one of them another, "
                "on all nodes",
                node,
                instance.vrid.at,
                related=[Location(node, other.vrid.at, f"that of {other.name}")],
            )
