"""KA207; its page is vip_prefix_or_label_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Dissent, Edits, Value
from halint.cluster.virtual_router import Member
from halint.finding import Edit, Finding, Location, Severity
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.rule import Rule


class VipPrefixOrLabelMismatch(Rule):
    """The nodes set one virtual address with another prefix length, scope, label or device."""

    code = "KA207"
    severity = Severity.INFO
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            together = _Together(router.known)
            values = [
                Value(member, member.instance.name, member.instance.head, key=together.key(member))
                for member in router.known
            ]
            for odd in agreement.dissent(values):
                yield self._report(odd, values, together)

    def _report(self, odd: Dissent, values: list[Value], together: _Together) -> Finding:
        here, there = odd.node.name, odd.right.node.name
        (mine, other), *more = together.differing(odd, odd.right)
        how, how_there = next(
            pair
            for pair in zip(together.how(odd.member, mine), together.how(odd.right.member, other), strict=True)
            if pair[0] != pair[1]
        )
        shown = mine.text + (f" (and {len(more)} more)" if more else "")
        return self.finding(
            f"routes, source addresses and scripts depend on who holds {shown}: {how} on {here}, {how_there} on {there}"
            "; write the same on both",
            odd.node,
            mine.word,
            label=f"{how} on {here}",
            related=[Location(odd.right.node, other.word, f"{how_there} on {there}")],
            fix=agreement.fix("the lines", values, together.write),
        )


class _Together:
    """What `members` of a virtual router set in common.

    common: the addresses that all of them set. interfaces: those of the instances, which each node may call otherwise.
    """

    def __init__(self, members: list[Member]) -> None:
        self._lines = {member: _lines(member) for member in members}
        self.common = sorted(set[str].intersection(*(set(lines) for lines in self._lines.values()))) if members else []
        self.interfaces = {member.instance.interface.value for member in members}

    def key(self, member: Member) -> tuple[tuple[str, ...], ...]:
        return tuple(self.how(member, self._lines[member][text]) for text in self.common)

    def how(self, member: Member, line: VirtualAddress) -> tuple[str, ...]:
        """How the address is set, in words that do not hold the name of an instance's own interface."""
        interface = member.instance.interface.value or ""
        label = line.label.text.removeprefix(interface) if line.label is not None and line.family == 4 else ""
        own = line.device is None or line.device.text in self.interfaces
        scope = line.scope.text if line.scope is not None and line.scope.text != "0" else "global"
        return (
            f"/{line.length}",
            f"scope {scope}",
            f"label {label or 'none'}",
            "on the interface of the instance" if own else "on another interface",
        )

    def differing(self, value: Value, right: Value) -> list[tuple[VirtualAddress, VirtualAddress]]:
        """The lines that set an address otherwise on the nodes of the two."""
        pairs = [(self._lines[value.member][text], self._lines[right.member][text]) for text in self.common]
        return [(a, b) for a, b in pairs if self.how(value.member, a) != self.how(right.member, b)]

    def write(self, value: Value, right: Value) -> Edits | None:
        """Write the lines as on the node of `right`, where they name no interface that this one may not have."""
        if value.member.instance.interface.value != right.member.instance.interface.value:
            return None
        made: Edits = []
        for mine, other in self.differing(value, right):
            if not all(agreement.literal(word) for word in mine.statement.words):
                return None
            text = " ".join(agreement.written(word) for word in other.statement.words)
            made.append(Edit(mine.word.source, mine.word.start, mine.statement.words[-1].end, text))
        return made


def _lines(member: Member) -> dict[str, VirtualAddress]:
    """The lines that set something, by address."""
    instance = member.instance
    return {line.text: line for line in (*instance.addresses, *instance.excluded) if not line.dropped}
