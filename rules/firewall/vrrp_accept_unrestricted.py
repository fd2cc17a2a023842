"""FW117; its page is vrrp_accept_unrestricted.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.finding import Finding, Severity, Skipped
from halint.node import Node
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.models.keepalived.vrrp import VrrpInstance


class VrrpAcceptUnrestricted(Rule):
    """Whoever can send packets to the node can take the address away from it."""

    code = "FW117"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        instances = [one for one in node.instances if one.unicast and one.complete and one.family is not None]
        if not instances:
            return
        if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
            yield self.skip(node, "firewall")
        elif node.firewall.active:
            from halint.models.keepalived.unicast import source_check

            for instance in instances:
                if not _is_open(node, instance) or source_check(node.keepalived, instance) is not None:
                    continue
                peers = ", ".join(sorted(instance.peers))
                yield self.finding(
                    f"any host that reaches {node.name} can end its hold of {instance.name}'s addresses: neither the "
                    f"firewall nor keepalived asks where adverts come from; accept VRRP from {peers} alone, or set "
                    "check_unicast_src",
                    node,
                    instance.head,
                )


def _is_open(node: Node, instance: VrrpInstance) -> bool:
    """Whether the firewall takes adverts from strangers."""
    from halint.models.firewall import OWN, STRANGERS, VRRP, Packet

    if instance.authentication[0] == "AH" or instance.family is None or instance.interface.value is None:
        return False
    own = address.canonical(instance.unicast_src_ip.value or "") or OWN
    return all(
        node.firewall.accepts(
            Packet("in", VRRP, instance.family, source=stranger, destination=own, interface=instance.interface.value)
        ).verdict
        is True
        for stranger in STRANGERS[instance.family]
    )
