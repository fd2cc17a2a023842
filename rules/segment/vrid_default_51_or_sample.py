"""KA302; its page is vrid_default_51_or_sample.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.finding import Finding, Location, Severity
from halint.rule import Rule

#: Of keepalived's sample configuration, and of most of those that are passed on.
SAMPLES = frozenset({1, 10, 50, 51})


class VridDefault51OrSample(Rule):
    """Two clusters have the number of a sample configuration, and nobody knows whether they share a segment."""

    code = "KA302"
    severity = Severity.INFO
    oracle = "none"
    between_clusters = True

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        if cluster.alone:
            return
        for router in cluster.virtual_routers:
            if any(cluster.register.same_vrid(cluster, router)):  # KA301 says that
                continue
            for member, use in cluster.register.same_number_anywhere(cluster, router):
                vrid, other = member.instance.vrid, use.member
                if other is not None and vrid.value in SAMPLES:
                    yield self.finding(
                        f"the clusters {cluster.name} and {use.cluster.name} both have virtual_router_id {vrid.value}, "
                        "as sample configurations do, and get in each other's way if they share a segment; give one of "
                        "them a number of its own, or name their segments in halint.toml",
                        member.node,
                        vrid.at,
                        label=f"{vrid.value} in {cluster.name}",
                        related=[Location(other.node, other.instance.vrid.at, f"{vrid.value} in {use.cluster.name}")],
                    )
