"""SY105; its page is arp_settings_for_multi_nic_or_dr.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity, Skipped
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class ArpSettingsForMultiNicOrDr(Rule):
    """Two interfaces of a node are in one network, and either answers for the virtual address of the other."""

    code = "SY105"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        for instance in node.instances:
            other = _neighbour(node, instance)
            if other is None:
                continue
            settings = [_effective(node, key, other) for key in ("arp_ignore", "arp_announce")]
            if None in settings:
                yield self.skip(node, "sysctl")
            elif settings == ["0", "0"]:
                interface = instance.interface.value
                yield self.finding(
                    f"{other} of {node.name} answers for the addresses of {instance.name} too, for it is in the "
                    f"network of {interface}, and packets may come in by the wrong one; set "
                    "net.ipv4.conf.all.arp_ignore to 1 and arp_announce to 2",
                    node,
                    instance.interface.at,
                )


def _neighbour(node: Node, instance: VrrpInstance) -> str | None:
    """Another interface of the node in a network of the instance's."""
    interface = instance.interface.value
    if interface is None or instance.family != 4 or instance.use_vmac.value:
        return None
    own = node.interfaces.networks(interface, 4)
    return next(
        (
            other
            for other in sorted(node.interfaces.names - {interface})
            for network in node.interfaces.networks(other, 4)
            if any(mine.overlaps(network) for mine in own)
        ),
        None,
    )


def _effective(node: Node, key: str, interface: str) -> str | None:
    """The larger of what holds for all interfaces and for this one."""
    values = [node.sysctl.value(f"net/ipv4/conf/{name}/{key}").value for name in ("all", interface)]
    return None if None in values else max(value or "" for value in values)
