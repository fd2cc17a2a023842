"""KA212; its page is unicast_multicast_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits, Value
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Severity
from halint.fixes import edits
from halint.rule import Rule


class UnicastMulticastMismatch(Rule):
    """One node sends its adverts to its peers, another to the multicast group."""

    code = "KA212"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            values = [_value(member) for member in router.known]

            def write(value: Value, right: Value, router: VirtualRouter = router) -> Edits | None:
                return _write(router, value, right)

            for odd in agreement.dissent(values):
                yield self.finding(
                    f"{odd.node.name} and {odd.right.node.name} will both hold {router.name}, without a word in the "
                    f"log: {odd.node.name} sends its adverts by {odd.text} and {odd.right.node.name} by "
                    f"{odd.right.text}; give both a unicast_peer, or neither",
                    odd.node,
                    odd.at,
                    label=f"{odd.text} on {odd.node.name}",
                    related=odd.related(),
                    fix=agreement.fix("the way of the adverts", values, write),
                )


def _value(member: Member) -> Value:
    instance = member.instance
    if not instance.unicast:
        return Value(member, "multicast", instance.head)
    block = next(instance.statement.statements("unicast_peer"))
    return Value(member, "unicast", block.words[0])


def _write(router: VirtualRouter, value: Value, right: Value) -> Edits | None:
    """Add a unicast_peer with the other members, where their addresses are known; or remove what makes unicast."""
    block = value.member.instance.statement
    if not agreement.literal(block.words[0]):
        return None
    ways = list(block.statements("unicast_peer", "unicast_src_ip"))
    if right.text == "multicast":
        return [edits.remove(way) for way in ways]
    others = [member.source for member in router.members if member is not value.member]
    if ways or None in others:
        return None
    return [edits.into(block, "unicast_peer {", *(f"    {other}" for other in others), "}")]
