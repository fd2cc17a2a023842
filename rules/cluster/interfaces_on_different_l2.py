"""KA221; its page is interfaces_on_different_l2.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Location, Severity, Skipped
from halint.rule import Rule


class InterfacesOnDifferentL2(Rule):
    """The interfaces of two nodes are in different networks, so multicast adverts hardly get from one to the other."""

    code = "KA221"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for router in cluster.virtual_routers:
            members = [member for member in router.ranked if not member.instance.unicast]
            for member in members:
                yield from self.skip_unknown(member.node, "addresses")
            known = [member for member in members if member.networks]
            for other in known[1:]:
                if not known[0].meets(other):
                    yield self._report(router, *sorted((known[0], other), key=_holds_vips))

    def _report(self, router: VirtualRouter, odd: Member, right: Member) -> Finding:
        here, there = odd.node.name, right.node.name
        mine, theirs = odd.instance.interface, right.instance.interface
        meant = odd.facing(right)
        what = f"{mine.value} of {here} is in {odd.networks[0]}, and {theirs.value} of {there} in {right.networks[0]}"
        if meant is None:
            severity = Severity.WARNING
            message = (
                f"{here} and {there} will both hold {router.name} unless the two networks share a segment: {what}; "
                "name the interface that faces the other node, or use unicast"
            )
        else:
            severity = Severity.ERROR
            message = f"{here} and {there} will both hold {router.name}: {what}, as {meant} of {here} is; name that"
        return self.finding(
            message,
            odd.node,
            mine.at,
            label=f"in {odd.networks[0]}",
            related=[Location(right.node, theirs.at, f"in {right.networks[0]}")],
            severity=severity,
        )


def _holds_vips(member: Member) -> bool:
    """Whether the virtual addresses are of a network of the interface, which is then likely the right one."""
    vips = [address.network(line.text) for line in member.instance.advertised]
    return any(network.holds(vip) for network in member.networks for vip in vips if vip is not None)
