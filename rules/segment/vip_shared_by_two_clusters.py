"""KA303; its page is vip_shared_by_two_clusters.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.cluster import Cluster
from halint.cluster.virtual_router import Member
from halint.failover import hearing
from halint.finding import Finding, Location, Severity
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.cluster.segment import Use


class VipSharedByTwoClusters(Rule):
    """Two clusters on one L2 segment hold the same virtual address, and know nothing of each other."""

    code = "KA303"
    severity = Severity.ERROR
    oracle = "lab"
    between_clusters = True

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        if cluster.alone:
            return
        for router in cluster.virtual_routers:
            for member, vip, use in list(cluster.register.same_vip(cluster, router))[:1]:
                if use.member is not None and not _is_one_router(member, use.member):
                    yield self._report(cluster, member, vip, use, use.member)

    def _report(self, cluster: Cluster, member: Member, vip: str, use: Use, other: Member) -> Finding:
        return self.finding(
            f"{vip} will be in the network twice: the clusters {cluster.name} and {use.cluster.name} share a segment, "
            "each holds the address, and neither hears the other; give one of them another address",
            member.node,
            member.instance.line_of(vip).word,
            label=f"in {cluster.name}",
            related=[Location(other.node, other.instance.line_of(vip).word, f"in {use.cluster.name}")],
        )


def _is_one_router(member: Member, other: Member) -> bool:
    """Whether the two hear each other, so that one of the nodes of both clusters holds the address."""
    return hearing.agree(member, other) and not member.instance.unicast
