"""KA206; its page is excluded_vip_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Dissent, Edits, Value
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Location, Severity
from halint.fixes import edits
from halint.models.keepalived.block import lines_of
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.node import Node
from halint.rule import Rule

EXCLUDED = "virtual_ipaddress_excluded"


class ExcludedVipMismatch(Rule):
    """What a node sets beside the virtual addresses, its peer does not: it is gone after a fail-over."""

    code = "KA206"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        held = {node: _held(node) for node in cluster.nodes}
        for router in cluster.virtual_routers:
            members = router.known
            if len({member.instance.vips for member in members}) > 1:  # KA205 says that
                continue
            everywhere = frozenset.intersection(*(held[member.node] for member in members)) if members else frozenset()
            values = [_value(member, everywhere) for member in members]
            for odd in agreement.dissent(values):
                yield from self._report(router, odd, values, everywhere)
            for keyword in ("virtual_routes", "virtual_rules"):
                yield from self._unset(router, keyword)

    def _report(
        self, router: VirtualRouter, odd: Dissent, values: list[Value], everywhere: frozenset[str]
    ) -> Iterator[Finding]:
        fix = agreement.fix(EXCLUDED, values, lambda value, right: _write(value, right, everywhere))
        for has, lacks in ((odd.right, odd), (odd, odd.right)):
            lines = _beyond(has.member, lacks.member, everywhere)
            if lines:
                shown = lines[0].text + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")
                yield self.finding(
                    f"{shown} is nowhere while {lacks.node.name} holds {router.name}: only {has.node.name} lists it in "
                    f"{EXCLUDED}; list the same on both",
                    lacks.node,
                    lacks.at,
                    label=f"without {lines[0].text}",
                    related=[Location(has.node, line.word, f"only on {has.node.name}") for line in lines],
                    fix=fix,
                )

    def _unset(self, router: VirtualRouter, keyword: str) -> Iterator[Finding]:
        """Routes and rules differ between nodes with good reason, but hardly so that one has none at all."""
        written = {member: lines_of(member.instance.statement, keyword) for member in router.known}
        having = next((member for member in router.known if written[member]), None)
        for member in router.known:
            if having is not None and not written[member]:
                yield self.finding(
                    f"{member.node.name} sets none of the {keyword} of {having.node.name} while it holds {router.name};"
                    f" give both their {keyword}",
                    member.node,
                    member.instance.head,
                    label=f"without {keyword}",
                    related=[Location(having.node, written[having][0].words[0], f"on {having.node.name}")],
                    severity=Severity.WARNING,
                )


def _held(node: Node) -> frozenset[str]:
    """What the node can hold, by whatever instance."""
    return frozenset().union(*(instance.all_vips for instance in node.instances))


def _value(member: Member, everywhere: frozenset[str]) -> Value:
    blocks = list(member.instance.statement.statements(EXCLUDED))
    at = blocks[-1].words[0] if blocks else member.instance.head
    lines = member.instance.excluded
    return Value(member, f"{len(lines)} in {EXCLUDED}", at, key=member.instance.all_vips - everywhere)


def _beyond(has: Member, lacks: Member, everywhere: frozenset[str]) -> list[VirtualAddress]:
    """The lines of `has` whose addresses `lacks` has not."""
    known = everywhere | lacks.instance.all_vips
    return [line for line in has.instance.excluded if not line.dropped and line.address not in known]


def _write(value: Value, right: Value, everywhere: frozenset[str]) -> Edits | None:
    """Give the node of `value` the lines of `right`: what it has too many goes, what it lacks is added."""
    block = value.member.instance.statement
    surplus = _beyond(value.member, right.member, everywhere)
    missing = _beyond(right.member, value.member, everywhere)
    if not all(agreement.literal(word) for word in (block.words[0], *(line.word for line in surplus))):
        return None
    lines = [" ".join(agreement.written(word) for word in line.statement.words) for line in missing]
    made: Edits = [edits.remove(line.statement) for line in surplus]
    blocks = list(block.statements(EXCLUDED))
    if lines and blocks:
        made.append(edits.into(blocks[-1], *lines))
    elif lines:
        made.append(edits.into(block, f"{EXCLUDED} {{", *(f"    {line}" for line in lines), "}"))
    return made
