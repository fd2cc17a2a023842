"""KA102; its page is vrid_duplicate_on_interface.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class VridDuplicateOnInterface(Rule):
    """Two instances of a node have the same virtual_router_id where keepalived cannot tell their adverts apart."""

    code = "KA102"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        known: dict[object, list[VrrpInstance]] = {}
        for instance in node.instances:
            if instance.vrid.value is None or instance.interface.value is None:
                continue
            others = known.setdefault(_channel(instance), [])
            other = next((o for o in others if not o.unicast or o.peers & instance.peers), None)
            others.append(instance)
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


def _channel(instance: VrrpInstance) -> object:
    """What adverts are told apart by, but for unicast peers; keepalived takes an instance without address for IPv4."""
    source = instance.unicast_src_ip.value if instance.unicast else instance.mcast_group
    return instance.vrid.value, instance.family or 4, instance.interface.value, instance.unicast, source
