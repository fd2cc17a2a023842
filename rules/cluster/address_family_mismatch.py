"""KA216; its page is address_family_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.cluster.virtual_router import Member, across_families
from halint.finding import Finding, Located, Location, Severity
from halint.rule import Rule


class AddressFamilyMismatch(Rule):
    """One list of IPv4 and IPv6 addresses makes an IPv4 instance on one node and an IPv6 instance on another."""

    code = "KA216"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for first, second in across_families(cluster.virtual_routers):
            here, there = second.instance, first.instance
            yield self.finding(
                f"{second.node.name} and {first.node.name} will never take over from each other: {here.name} of "
                f"{second.node.name} is an IPv{here.family} instance and {there.name} of {first.node.name} an "
                f"IPv{there.family} instance, by the first address in each; give each family an instance of its own",
                second.node,
                _decides(second),
                label=f"makes it IPv{here.family} on {second.node.name}",
                related=[Location(first.node, _decides(first), f"makes it IPv{there.family} on {first.node.name}")],
            )


def _decides(member: Member) -> Located:
    return member.instance.first_address or member.instance.head
