"""KA205; its page is vip_set_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.address import Network, network
from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Dissent, Edits, Value
from halint.cluster.virtual_router import Member
from halint.finding import Finding, Location, Severity
from halint.fixes import edits
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.rule import Rule
from halint.tree import Word


class VipSetMismatch(Rule):
    """Instances of one virtual router advertise different virtual addresses."""

    code = "KA205"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            members = router.known
            if len({member.instance.version.value for member in members}) > 1 or _labels_are_to_blame(members):
                continue
            if cluster.tentative and not (_near(members) or _complementary(members)):
                continue
            values = [_value(member) for member in members]
            for odd in agreement.dissent(values):
                yield self._report(odd, values)

    def _report(self, odd: Dissent, values: list[Value]) -> Finding:
        right, here, there = odd.right, odd.node.name, odd.right.node.name
        shared = sorted(odd.member.instance.vips & right.member.instance.vips)
        surplus, missing = _beyond(odd, right), _beyond(right, odd)
        effect = (
            f"{here} and {there} will both hold {_listing(shared)}"
            if shared
            else f"{here} and {there} will never take over from each other"
        )
        where = [f"only {here} lists {_listing([a.text for a in surplus])}"] if surplus else []
        where += [f"only {there} lists {_listing([a.text for a in missing])}"] if missing else []
        where = where or [f"one stands there twice ({odd.text} on {here}, {right.text} on {there})"]
        return self.finding(
            f"{effect}, since each drops the other's adverts for their addresses: {', '.join(where)}; list the same in "
            f"virtual_ipaddress of both",
            odd.node,
            surplus[0].word if surplus else odd.at,
            label=f"{odd.text} on {here}",
            related=[Location(right.node, a.word, f"only on {there}") for a in missing] or odd.related(),
            fix=agreement.fix("the virtual addresses", values, _write),
        )


def _value(member: Member) -> Value:
    carried = member.instance.advertised
    key = (frozenset(a.address for a in carried), len(carried))
    return Value(member, "1 address" if len(carried) == 1 else f"{len(carried)} addresses", _block(member), key=key)


def _block(member: Member) -> Word:
    blocks = list(member.instance.statement.statements("virtual_ipaddress"))
    return blocks[-1].words[0] if blocks else member.instance.head


def _beyond(value: Value, other: Value) -> list[VirtualAddress]:
    """The addresses of `value` that `other` has not."""
    others = other.member.instance.vips
    return [a for a in value.member.instance.advertised if a.address not in others]


def _listing(addresses: list[str]) -> str:
    """The addresses, the first few by name."""
    return ", ".join(addresses[:3]) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")


def _labels_are_to_blame(members: list[Member]) -> bool:
    """Whether the nodes list the same, and keepalived only drops an address for its label: KA124 says that."""
    dropped = {a.address for m in members for a in m.instance.addresses if a.dropped}
    return bool(dropped) and len({m.instance.vips | dropped for m in members}) == 1


def _complementary(members: list[Member]) -> bool:
    """Whether one of the members says MASTER and the others do not: the files were written for each other."""
    return sum(member.instance.state.value == "MASTER" for member in members) == 1


def _near(members: list[Member]) -> bool:
    """Whether the addresses of all members may be on one network, so that siblings are a pair at all."""
    carried = [a for m in members for a in m.instance.advertised]
    wide = network(carried[0].word.text) if carried else None
    return wide is None or all(_wide(wide).holds(n) for a in carried if (n := network(a.text)))


def _wide(address: Network) -> Network:
    """The network of `address` by its prefix length, or a usual one where it is given alone."""
    usual = 24 if address.family == 4 else 64
    return Network(address.family, address.value, min(address.length, usual))


def _write(value: Value, right: Value) -> Edits | None:
    """Give the node of `value` the lines of `right`: what it has too many goes, what it lacks is added."""
    blocks = list(value.member.instance.statement.statements("virtual_ipaddress"))
    surplus, missing = _beyond(value, right), _beyond(right, value)
    if not blocks or not (surplus or missing) or not agreement.literal(blocks[-1].words[0]):
        return None
    if not all(agreement.literal(word) for a in surplus for word in a.statement.words):
        return None
    lines = [" ".join(agreement.written(word) for word in a.statement.words) for a in missing]
    made: Edits = [edits.remove(a.statement) for a in surplus]
    return [*made, edits.into(blocks[-1], *lines)] if lines else made
