"""KA134; its page is unicast_src_not_local.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster, agreement
from halint.finding import Applicability, Finding, Fix, Severity, Skipped
from halint.fixes import edits
from halint.models.keepalived.vrrp import VrrpInstance
from halint.models.setting import Setting
from halint.node import Node
from halint.rule import Rule


class UnicastSrcNotLocal(Rule):
    """An instance is to send its adverts from an address that the node does not have."""

    code = "KA134"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for router in cluster.virtual_routers:
            for member in router.members:
                others = [other.instance for other in router.members if other is not member]
                yield from self.check_instance(member.node, member.instance, others)

    def check_instance(
        self, node: Node, instance: VrrpInstance, others: list[VrrpInstance]
    ) -> Iterator[Finding | Skipped]:
        for keyword, source in (("unicast_src_ip", instance.unicast_src_ip), ("mcast_src_ip", instance.mcast_src_ip)):
            own = address.canonical(source.value) if source.value else None
            if own is None or own in instance.all_vips:  # a virtual address: KA133
                continue
            if not instance.unicast and instance.family != 6:  # IPv4 multicast is sent from any address
                continue
            here = node.interfaces.has(own)
            if here is None:
                yield self.skip(node, "addresses")
                continue
            key = f"net.ipv{instance.family or 4}.ip_nonlocal_bind"
            bound = node.sysctl.value(key).value
            if here or bound == "1":  # CX107
                continue
            right = _meant(node, others)
            excuse = "" if bound else f", unless {key} is 1"
            effect = (
                "stays in FAULT state and never holds its addresses"
                if instance.unicast
                else "sends no adverts and holds its addresses besides any other node"
            )
            yield self.finding(
                f"{instance.name} on {node.name} {effect}: {keyword} is {own}, which no interface of {node.name} has"
                f"{excuse}; write {right or f'an address of {node.name}'}",
                node,
                source.at,
                fix=_fix(source, right),
            )


def _meant(node: Node, others: list[VrrpInstance]) -> str | None:
    """The one address of the node that the others have as a peer."""
    peers = set().union(*(other.peers for other in others)) if others else set()
    found = [peer for peer in sorted(peers) if node.interfaces.has(peer)]
    return found[0] if len(found) == 1 else None


def _fix(source: Setting[str | None], right: str | None) -> Fix | None:
    if right is None or source.word is None or not agreement.literal(source.word):
        return None
    return Fix(f"send from {right}", [edits.replace(source.word, right)], Applicability.UNSAFE)
