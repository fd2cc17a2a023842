"""KA225; its page is vip_holders_when_captured.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Location, Severity
from halint.rule import Rule


class VipHoldersWhenCaptured(Rule):
    """When the nodes' states were captured, several of them had a virtual address, or none."""

    code = "KA225"
    severity = Severity.WARNING
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            members = [member for member in router.known if member.node.interfaces.captured]
            if len(members) < 2 or any(_is_elsewhere(member) for member in members):
                continue
            common = frozenset.intersection(*(member.instance.vips for member in members))
            holders = {vip: [one for one in members if _holds(one, vip)] for vip in sorted(common)}
            several = [vip for vip, having in holders.items() if len(having) > 1]
            nowhere = [vip for vip, having in holders.items() if not having]
            if several:
                yield self._several(several, holders[several[0]])
            if nowhere and len(members) == len(router.members) and not cluster.problems:
                yield self._nowhere(nowhere, router)

    def _several(self, vips: list[str], having: list[Member]) -> Finding:
        first, *others = having
        names = " and ".join(member.node.name for member in having)
        return self.finding(
            f"{_listed(vips)} on {names} when each was captured: they held {_them(vips)} at once, unless an address "
            f"moved in between; see why {others[0].node.name} and {first.node.name} do not hear each other",
            first.node,
            first.instance.line_of(vips[0]).word,
            related=[
                Location(member.node, member.node.interfaces.held[vips[0]][1], f"on {member.node.name}")
                for member in having
            ],
        )

    def _nowhere(self, vips: list[str], router: VirtualRouter) -> Finding:
        first = router.ranked[0]
        names = ", ".join(member.node.name for member in router.members)
        return self.finding(
            f"{_listed(vips)} on none of {names} when they were captured: nobody answered for {_them(vips)}, unless an "
            f"address moved in between; journalctl -u keepalived on {first.node.name} says why",
            first.node,
            first.instance.line_of(vips[0]).word,
        )


def _holds(member: Member, vip: str) -> bool:
    """Whether the node had the address where keepalived puts it: one on lo is a real server's."""
    return member.node.interfaces.held.get(vip, ("lo",))[0] != "lo"


def _is_elsewhere(member: Member) -> bool:
    """Whether keepalived works where nobody looked: in a network namespace."""
    keepalived, startup = member.node.keepalived, member.node.startup
    said = keepalived is not None and any(line.keyword == "net_namespace" for line in keepalived.statements)
    return said or startup.keepalived_option("namespace") is not None


def _listed(vips: list[str]) -> str:
    shown = ", ".join(vips[:3]) + (f" and {len(vips) - 3} more" if len(vips) > 3 else "")
    return f"{shown} {'was' if len(vips) == 1 else 'were'}"


def _them(vips: list[str]) -> str:
    return "it" if len(vips) == 1 else "them"
