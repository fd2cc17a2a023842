"""KA201; its page is vrid_mismatch_across_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.finding import Finding, Severity
from halint.rule import Rule


class VridMismatchAcrossNodes(Rule):
    """Nodes that share a virtual address have different virtual_router_ids."""

    code = "KA201"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            values = [
                agreement.Value(member, str(vrid.value), vrid.at, vrid.word)
                for member in router.members
                if (vrid := member.instance.vrid).value is not None
            ]
            for odd in agreement.dissent(values):
                yield self.finding(
                    f"{odd.node.name} and {odd.right.node.name} will both hold {router.name}: virtual_router_id is "
                    f"{odd.text} on {odd.node.name} and {odd.right.text} on {odd.right.node.name}; give both the same",
                    odd.node,
                    odd.at,
                    label=f"{odd.text} on {odd.node.name}",
                    related=odd.related(),
                    fix=agreement.fix("virtual_router_id", values),
                )
