"""KA214; its page is check_unicast_src_vs_peers.md."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from halint.cluster import Cluster, agreement
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Location, Severity, Skipped
from halint.models.keepalived import unicast
from halint.rule import Rule
from halint.tree import Word


class CheckUnicastSrcVsPeers(Rule):
    """A node takes adverts from its listed peers only, or only by few hops, and so drops those of another node."""

    code = "KA214"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for router in cluster.virtual_routers:
            members = [member for member in router.known if member.instance.unicast]
            for member, other in permutations(members, 2):
                check = unicast.source_check(member.node.keepalived, member.instance)
                source = other.source
                if check is None or source == member.source:  # KA217 says that
                    continue
                if source is None:
                    yield self.skip(other.node, "addresses")
                elif source not in member.instance.peers:
                    yield self._unlisted(router, member, other, source, check)
                else:
                    yield from self._out_of_range(router, member, other, source)

    def _unlisted(self, router: VirtualRouter, member: Member, other: Member, source: str, check: Word) -> Finding:
        here, there = member.node.name, other.node.name
        block = next(member.instance.statement.statements("unicast_peer"))
        return self.finding(
            f"{here} and {there} will both hold {router.name}: with {check.text}, {here} hears only the addresses in "
            f"its unicast_peer, and {source} is not there; add this address of {there}",
            member.node,
            block.words[0],
            label=f"without {source}",
            related=[
                Location(member.node, check, "asks for the check"),
                Location(other.node, other.instance.source.at, f"{source} is {there}"),
            ],
            fix=agreement.add_peer(member, source),
        )

    def _out_of_range(self, router: VirtualRouter, member: Member, other: Member, source: str) -> Iterator[Finding]:
        line = unicast.peer_line(member.instance, source)
        sent = unicast.ttl(other.instance)
        if line is None or unicast.may_arrive(sent, line):
            return
        here, there = member.node.name, other.node.name
        low, high = unicast.limits(line)
        wanted = f"at least {low}" if sent < low else f"at most {high}"
        settled = member.instance.healthy_priority > other.instance.healthy_priority and not member.can_fall_below(
            other
        )
        effect = (
            f"{here} will take {router.name} back from {there} whenever it starts, whatever nopreempt says"
            if settled
            else f"{here} and {there} will both hold {router.name}"
        )
        yield self.finding(
            f"{effect}: {there} sends its adverts with TTL {sent}, and {here} drops what does not arrive with {wanted}"
            f"; change that, or unicast_ttl on {there}",
            member.node,
            line.words[1],
            related=[Location(other.node, other.instance.head, f"sends with TTL {sent}")],
            severity=Severity.WARNING if settled else Severity.ERROR,
        )
