"""KA203; its page is advert_int_mismatch_v2.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.finding import Finding, Severity
from halint.rule import Rule


class AdvertIntMismatchV2(Rule):
    """Nodes that share a virtual address by VRRP version 2 have different advert_ints."""

    code = "KA203"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            members = router.known
            if any(member.instance.version.value != 2 for member in members):
                continue
            values = [
                agreement.Value(member, f"{advert.value:g}", advert.at, advert.word)
                for member in members
                for advert in (member.instance.advert_int,)
            ]
            for odd in agreement.dissent(values):
                yield self.finding(
                    f"{odd.node.name} and {odd.right.node.name} will both hold {router.name}, since VRRP version 2 "
                    f"drops adverts of another interval: advert_int is {odd.text} on {odd.node.name} and "
                    f"{odd.right.text} on {odd.right.node.name}; give both the same",
                    odd.node,
                    odd.at,
                    label=f"{odd.text} on {odd.node.name}",
                    related=odd.related(),
                    fix=agreement.fix("advert_int", values, agreement.set_or_add("advert_int")),
                )
