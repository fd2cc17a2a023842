"""KA215; its page is multicast_group_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Value
from halint.finding import Finding, Severity
from halint.rule import Rule


class MulticastGroupMismatch(Rule):
    """Nodes that share a virtual address send their adverts to different multicast groups."""

    code = "KA215"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            values = [
                Value(member, group.value, group.at, group.word)
                for member in router.known
                if not member.instance.unicast
                for group in (member.instance.mcast_group,)
            ]
            for odd in agreement.dissent(values):
                yield self.finding(
                    f"{odd.node.name} and {odd.right.node.name} will both hold {router.name}, without a word in the "
                    f"log: {odd.node.name} sends its adverts to {odd.text} and {odd.right.node.name} to "
                    f"{odd.right.text}; give both the same multicast group",
                    odd.node,
                    odd.at,
                    label=f"{odd.text} on {odd.node.name}",
                    related=odd.related(),
                    fix=agreement.fix("the multicast group", values, agreement.set_or_add("mcast_dst_ip")),
                )
