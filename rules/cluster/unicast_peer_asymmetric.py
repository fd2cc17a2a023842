"""KA213; its page is unicast_peer_asymmetric.md."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from halint.cluster import Cluster, agreement
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Location, Severity, Skipped
from halint.models.keepalived import unicast
from halint.rule import Rule


class UnicastPeerAsymmetric(Rule):
    """A node does not send its adverts to another node that shares the virtual address."""

    code = "KA213"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for router in cluster.virtual_routers:
            members = [member for member in router.known if member.instance.unicast]
            for member, other in permutations(members, 2):
                source = other.source
                if source is None:
                    yield self.skip(other.node, "addresses")
                elif _omits(member, source) and unicast.source_check(member.node.keepalived, member.instance) is None:
                    yield self._report(router, member, other, source)

    def _report(self, router: VirtualRouter, member: Member, other: Member, source: str) -> Finding:
        sender, receiver, vips = member.node.name, other.node.name, router.name
        severity = Severity.ERROR
        if member.instance.healthy_priority >= other.instance.healthy_priority:
            when = f"{receiver} and {sender} will both hold {vips} whenever {sender} is to hold it"
        elif other.can_fall_below(member):
            when = f"{receiver} and {sender} will both hold {vips} once a check fails on {receiver}"
        else:
            severity = Severity.WARNING
            when = f"{receiver} will take {vips} back from {sender} whenever it starts, whatever nopreempt says"
        block = next(member.instance.statement.statements("unicast_peer"))
        return self.finding(
            f"{when}: {sender} sends no adverts to {source}; add this address of {receiver} to the unicast_peer "
            f"of {sender}",
            member.node,
            block.words[0],
            label=f"without {source}",
            related=[Location(other.node, other.instance.unicast_src_ip.at, f"{source} is {receiver}")],
            fix=agreement.add_peer(member, source),
            severity=severity,
        )


def _omits(member: Member, source: str) -> bool:
    """Whether `member` has no peer at the address `source` of another; where both claim the same address, that is
    the fault."""
    return source not in member.instance.peers and source != member.source
