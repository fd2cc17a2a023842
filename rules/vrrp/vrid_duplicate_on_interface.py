"""KA102; its page is vrid_duplicate_on_interface.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class VridDuplicateOnInterface(Rule):
    """Two instances of a node have the same virtual_router_id where keepalived cannot tell their adverts apart."""

    code = "KA102"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        known: dict[object, VrrpInstance] = {}
        for instance in node.instances:
            if instance.vrid.value is None or instance.interface.value is None:
                continue
            other = None
            for channel in _channels(instance):
                first = known.setdefault(channel, instance)
                if first is not instance:
                    other = other or first
            if other is not None:
                family = instance.family or 4
                yield self.finding(
                    f"VRRP on {node.name} will not start: {other.name} and {instance.name} both have virtual_router_id "
                    f"{instance.vrid.value} for IPv{family} on {instance.interface.value}; give one of them another, "
                    "on all nodes",
                    node,
                    instance.vrid.at,
                    related=[Location(node, other.vrid.at, f"that of {other.name}")],
                )


def _channels(instance: VrrpInstance) -> list[object]:
    """What adverts are told apart by: one for multicast, one a peer for unicast. keepalived takes an instance without
    address for IPv4."""
    common = instance.vrid.value, instance.family or 4, instance.interface.value
    if instance.unicast:
        return [(*common, instance.unicast_src_ip.value, peer) for peer in sorted(instance.peers)]
    return [(*common, instance.mcast_group.value)]
