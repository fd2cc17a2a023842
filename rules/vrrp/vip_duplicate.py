"""KA122; its page is vip_duplicate.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class VipDuplicate(Rule):
    """Two instances of a node have the same virtual address."""

    code = "KA122"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        first: dict[object, tuple[VrrpInstance, VirtualAddress]] = {}
        for instance in node.instances:
            for line in instance.advertised + [a for a in instance.excluded if not a.dropped]:
                owner, other = first.setdefault(_key(instance, line), (instance, line))
                if owner is not instance:
                    yield self.finding(
                        f"{node.name} will lose {line.text} when either of {owner.name} and {instance.name} gives it "
                        "up: both have it; leave it in one of them",
                        node,
                        line.word,
                        related=[Location(node, other.word, f"in {owner.name}")],
                    )


def _key(instance: VrrpInstance, line: VirtualAddress) -> object:
    """A link-local address, and no other, is one per interface."""
    if not (line.family == 6 and address.is_everybodys(line.text)):
        return line.address
    return line.address, line.device.text if line.device else instance.interface.value
