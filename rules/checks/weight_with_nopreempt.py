"""KA402; its page is weight_with_nopreempt.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import edits, election, health
from halint.cluster import Cluster
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.models.check_script import Check
from halint.models.keepalived.tracking import Tracked
from halint.rule import Rule
from halint.virtual_router import Member, VirtualRouter


class WeightWithNopreempt(Rule):
    """A check only lowers the priority of the node that holds the address, and who could take over has nopreempt."""

    code = "KA402"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            if not election.predictable(router):
                continue
            stuck: dict[str, list[Stuck]] = {}
            may_hold = election.holders(router)
            for holder in (member for member in router.ranked if member in may_hold):
                for case in _stuck(router, holder):
                    stuck.setdefault(case.tracked.name, []).append(case)
            for cases in stuck.values():
                yield self.stays(router, cases[0], list(dict.fromkeys(m for case in cases for m in case.waiting)))

    def stays(self, router: VirtualRouter, case: Stuck, to_cure: list[Member]) -> Finding:
        """The finding that the address stays in `case`; to_cure: the members whose nopreempt does that, there or
        on another holder."""
        holder, tracked = case.holder, case.tracked
        names, name = _named(case.waiting), holder.node.name
        stays = f"stays on {name}" if holder is router.ranked[0] else f"stays on {name}, once it is there,"
        message = (
            f"{router.name} {stays} when {tracked.name} fails: the weight only lowers its priority, and with "
            f"nopreempt {names} {'does' if len(case.waiting) == 1 else 'do'} not take over from a lower one; remove "
            f"nopreempt, or the weight"
        )
        uncertain = case.check.stops_keepalived is None
        if uncertain:
            message += ", unless the script stops keepalived itself"
        written = [(member, member.instance.nopreempt) for member in to_cure]
        return self.finding(
            message,
            holder.node,
            tracked.weight_word or tracked.word,
            label=f"{tracked.weight:+}",
            related=[Location(member.node, nopreempt.at, f"on {member.node.name}") for member, nopreempt in written],
            fix=Fix(
                f"remove nopreempt on {_named(to_cure)}",
                [edits.remove(nopreempt.statement) for _, nopreempt in written if nopreempt.statement],
                Applicability.UNSAFE,
            ),
            severity=Severity.WARNING if uncertain else Severity.ERROR,
        )


class Stuck:
    """A check of a holder whose failure moves nothing, since the members `waiting` have nopreempt."""

    __slots__ = ("check", "holder", "tracked", "waiting")

    def __init__(self, holder: Member, tracked: Tracked, check: Check, waiting: list[Member]) -> None:
        self.holder = holder
        self.tracked = tracked
        self.check = check
        self.waiting = waiting


def _stuck(router: VirtualRouter, holder: Member) -> Iterator[Stuck]:
    checks = health.checks(holder.node, holder.instance)
    for tracked, check in checks:
        if not tracked.weight or tracked.kind not in ("script", "process") or check.stops_keepalived:
            continue
        together = [t for t, c in checks if t is tracked or (c.target and c.target == check.target)]
        if any(not t.weight for t in together):
            continue  # FAULT state: everybody may take over
        waiting = _waiting(router, holder, together)
        if waiting:
            yield Stuck(holder, tracked, check, waiting)


def _named(members: list[Member]) -> str:
    return " and ".join(member.node.name for member in members)


def _waiting(router: VirtualRouter, holder: Member, failing: list[Tracked]) -> list[Member]:
    """The members that nopreempt keeps from taking over: those with a higher priority than is left to the holder,
    or, whatever the priorities, all others."""
    others = [member for member in router.members if member is not holder]
    if all(member.instance.nopreempt.value for member in others):
        return others
    return election.outcome(router, holder, failing).held_back
