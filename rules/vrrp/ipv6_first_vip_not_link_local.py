"""KA128; its page is ipv6_first_vip_not_link_local.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster
from halint.finding import Finding, Severity
from halint.rule import Rule


class Ipv6FirstVipNotLinkLocal(Rule):
    """The first address that an IPv6 instance advertises is not link-local."""

    code = "KA128"
    severity = Severity.INFO
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        link_local = address.network("fe80::/10")
        for router in cluster.virtual_routers:
            (member, *others) = router.members
            node, instance = member.node, member.instance
            if others or instance.family != 6 or instance.unicast or not instance.complete or not instance.advertised:
                continue
            first = instance.advertised[0]
            found = address.network(first.text)
            if link_local is None or found is None or link_local.holds(found):
                continue
            yield self.finding(
                f"a router of another make will not accept the adverts of {instance.name} on {node.name}: the first "
                f"address of an IPv6 instance is to be link-local, and {first.text} is not; on every router list one "
                f"such as fe80::{instance.vrid.value or 1:x} before it",
                node,
                first.word,
            )
