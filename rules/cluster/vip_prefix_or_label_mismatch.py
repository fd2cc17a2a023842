"""KA207; its page is vip_prefix_or_label_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import agreement
from halint.agreement import Dissent, Edits, Value
from halint.cluster import Cluster
from halint.finding import Edit, Finding, Location, Severity
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.rule import Rule
from halint.virtual_router import Member


class VipPrefixOrLabelMismatch(Rule):
    """The nodes set one virtual address with another prefix length, scope, label or device."""

    code = "KA207"
    severity = Severity.INFO
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            lines = [_lines(member) for member in router.known]
            common = [text for text in (lines[0] if lines else ()) if all(text in those for those in lines)]
            values = [_value(member, common) for member in router.known]
            for odd in agreement.dissent(values):
                yield self._report(odd, values, common)

    def _report(self, odd: Dissent, values: list[Value], common: list[str]) -> Finding:
        here, there = odd.node.name, odd.right.node.name
        differing = list(_differing(odd, odd.right, common))
        mine, other = differing[0]
        how, how_there = next(
            pair
            for pair in zip(_how(odd.member, mine), _how(odd.right.member, other), strict=True)
            if pair[0] != pair[1]
        )
        more = f" (and {len(differing) - 1} more)" if len(differing) > 1 else ""
        return self.finding(
            f"routes, source addresses and scripts depend on who holds {mine.text}{more}: {how} on {here}, {how_there} "
            f"on {there}; write the same on both",
            odd.node,
            mine.word,
            label=f"{how} on {here}",
            related=[Location(odd.right.node, other.word, f"{how_there} on {there}")],
            fix=agreement.fix("the lines", values, lambda value, right: _write(value, right, common)),
        )


def _lines(member: Member) -> dict[str, VirtualAddress]:
    """The lines that set something, by address."""
    instance = member.instance
    return {line.text: line for line in (*instance.addresses, *instance.excluded) if not line.dropped}


def _value(member: Member, common: list[str]) -> Value:
    lines = _lines(member)
    key = tuple(_how(member, lines[text]) for text in common)
    return Value(member, member.instance.name, member.instance.head, key=key)


def _how(member: Member, line: VirtualAddress) -> tuple[str, ...]:
    """How the address is set, in words that do not hold the name of the instance's own interface."""
    interface = member.instance.interface.value or ""
    label = line.label.text.removeprefix(interface) if line.label is not None and line.family == 4 else ""
    own = line.device is None or line.device.text == interface
    scope = line.scope.text if line.scope is not None and line.scope.text != "0" else "global"
    return (
        f"/{line.length}",
        f"scope {scope}",
        f"label {label or 'none'}",
        "on the interface of the instance" if own else "on another interface",
    )


def _differing(value: Value, right: Value, common: list[str]) -> Iterator[tuple[VirtualAddress, VirtualAddress]]:
    here, there = _lines(value.member), _lines(right.member)
    for text in common:
        if _how(value.member, here[text]) != _how(right.member, there[text]):
            yield here[text], there[text]


def _write(value: Value, right: Value, common: list[str]) -> Edits | None:
    """Write the lines as on the node of `right`, where they name no interface that this one may not have."""
    if value.member.instance.interface.value != right.member.instance.interface.value:
        return None
    made: Edits = []
    for mine, other in _differing(value, right, common):
        if not all(agreement.literal(word) for word in mine.statement.words):
            return None
        text = " ".join(agreement.written(word) for word in other.statement.words)
        made.append(Edit(mine.word.source, mine.word.start, mine.statement.words[-1].end, text))
    return made
