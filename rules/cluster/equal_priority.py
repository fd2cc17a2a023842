"""KA208; its page is equal_priority.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.failover import hearing
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.rule import Rule

#: How far apart priorities are set where the weights of checks leave room.
STEP = 10


class EqualPriority(Rule):
    """Two nodes have the same priority for a virtual address: chance decides who holds it."""

    code = "KA208"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            equals: dict[int, list[Member]] = {}
            for member in router.ranked:
                if member.instance.complete:
                    equals.setdefault(member.instance.healthy_priority, []).append(member)
            for first, *others in equals.values():
                others = [other for other in others if hearing.agree(first, other)]
                if not others:
                    continue
                meant = all(m.instance.nopreempt.value and m.instance.state.value == "BACKUP" for m in router.known)
                names = ", ".join(member.node.name for member in others)
                yield self.finding(
                    f"chance will decide whether {first.node.name} or {names} holds {router.name}: at equal priority, "
                    f"here {first.priority}, who starts first keeps it; lower that of {names}",
                    others[0].node,
                    others[0].instance.priority.at,
                    label=f"{others[0].priority} on {others[0].node.name}",
                    related=[
                        Location(m.node, m.instance.priority.at, f"{m.priority} on {m.node.name}")
                        for m in (first, *others[1:])
                    ],
                    fix=_fix(router, first, others),
                    severity=Severity.INFO if meant else Severity.WARNING,
                )


def _fix(router: VirtualRouter, first: Member, others: list[Member]) -> Fix | None:
    """Lower `others` one after the other, by less than the smallest weight and to above who comes next."""
    base = first.instance.priority.value
    weights = [abs(check.weight) for member in router.members for check in member.instance.checks if check.weight]
    below = [m.instance.priority.value for m in router.members if m.instance.priority.value < base]
    room = min([STEP * len(others), base - max(below, default=0) - 1, *(weight - 1 for weight in weights)])
    if room < len(others) or any(m.instance.priority.value != base for m in others):
        return None
    made: Edits = []
    for number, member in enumerate(others, 1):
        priority, block = member.instance.priority, member.instance.statement
        lowered = str(base - room * number // len(others))
        if not agreement.literal(priority.word or block.words[0]):
            return None
        if priority.word is not None:
            made.append(edits.replace(priority.word, lowered))
        else:
            made.append(edits.into(block, f"priority {lowered}"))
    return Fix(f"let {first.node.name} lead", made, Applicability.UNSAFE)
