"""KA301; its page is vrid_shared_by_two_clusters.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.cluster.segment import Use


class VridSharedByTwoClusters(Rule):
    """Two clusters on one L2 segment have a virtual router of the same number."""

    code = "KA301"
    severity = Severity.WARNING
    oracle = "lab"
    between_clusters = True

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        if cluster.alone:
            return
        for router in cluster.virtual_routers:
            for member, use in cluster.register.same_vrid(cluster, router):
                other = use.member
                if other is not None and not other.instance.all_vips & router.vips:  # KA303 says that
                    yield self._report(cluster, router, member, use, other)

    def _report(self, cluster: Cluster, router: VirtualRouter, member: Member, use: Use, other: Member) -> Finding:
        number, theirs = member.instance.vrid.value, min(other.instance.vips)
        both = member.instance.use_vmac.value and other.instance.use_vmac.value
        effect = (
            f"packets to {router.name} and {theirs} will get lost, since both have one virtual MAC address"
            if both
            else "every node of both will log an advert of the other each second"
        )
        free = cluster.register.reserve_vrid(cluster, member)
        made = _renumber(router, free)
        return self.finding(
            f"{effect}: the clusters {cluster.name} and {use.cluster.name} share a segment, and virtual_router_id "
            f"{number}; give one of them another, as {free}",
            member.node,
            member.instance.vrid.at,
            label=f"{number} in {cluster.name}",
            related=[Location(other.node, other.instance.vrid.at, f"{number} in {use.cluster.name}")],
            fix=None if made is None else Fix(f"set virtual_router_id {free}", made, Applicability.UNSAFE),
            severity=Severity.ERROR if both else Severity.WARNING,
        )


def _renumber(router: VirtualRouter, free: int | None) -> Edits | None:
    words = [member.instance.vrid.word for member in router.members]
    if free is None or not all(word is not None and agreement.literal(word) for word in words):
        return None
    return [edits.replace(word, str(free)) for word in words if word is not None]
