"""KA123; its page is vip_equals_own_static_address.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Severity, Skipped
from halint.models.keepalived.vrrp import OWNER_PRIORITY
from halint.node import Node
from halint.rule import Rule


class VipEqualsOwnStaticAddress(Rule):
    """A virtual address is a static address of the node, which keepalived takes away when it starts."""

    code = "KA123"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        interfaces = {
            address.canonical(text): interface
            for interface, addresses in node.interfaces.configured.items()
            for text in addresses
        }
        for instance in node.instances:
            if not interfaces and "addresses" not in node.collected:
                yield self.skip(node, "addresses")
                return
            for line in (*instance.advertised, *instance.excluded):
                interface = interfaces.get(line.address) if not line.dropped else None
                if interface is None:
                    continue
                owns = instance.priority.value == OWNER_PRIORITY
                yield self.finding(
                    f"{node.name} will lose its own address {line.text}"
                    + (f" of {interface}" if interface else "")
                    + f" when keepalived starts, and not get it back when it stops: {instance.name} has it as a "
                    "virtual address; give the cluster an address that no node has",
                    node,
                    line.word,
                    severity=Severity.WARNING if owns else Severity.ERROR,
                )
