"""KA402; its page is weight_with_nopreempt.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.failover import questions
from halint.failover.facts import Candidate
from halint.failover.questions import Race
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.check_script import Check
from halint.models.keepalived.tracking import Tracked
from halint.rule import Rule


class WeightWithNopreempt(Rule):
    """A check only lowers the priority of the node that holds the address, and who could take over has nopreempt."""

    code = "KA402"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for race in questions.races(cluster):
            stuck: dict[str, list[Stuck]] = {}
            may_hold = {candidate.member: candidate for candidate in race.holders}
            for holder in (may_hold[member] for member in race.router.ranked if member in may_hold):
                for case in _stuck(race, holder):
                    stuck.setdefault(case.tracked.name, []).append(case)
            for cases in stuck.values():
                yield self.stays(race, cases[0], list(dict.fromkeys(m for case in cases for m in case.waiting)))

    def stays(self, race: Race, case: Stuck, to_cure: list[Candidate]) -> Finding:
        """The finding that the address stays in `case`; to_cure: the members whose nopreempt does that, there or
        on another holder."""
        router, holder, tracked = race.router, case.holder, case.tracked
        names, name = _named(case.waiting), holder.node.name
        stays = f"stays on {name}" if holder.member is router.ranked[0] else f"stays on {name}, once it is there,"
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

    def __init__(self, holder: Candidate, tracked: Tracked, check: Check, waiting: list[Candidate]) -> None:
        self.holder = holder
        self.tracked = tracked
        self.check = check
        self.waiting = waiting


def _stuck(race: Race, holder: Candidate) -> Iterator[Stuck]:
    checks = [(watch.tracked, watch.check) for watch in holder.watches]
    for tracked, check in checks:
        if not tracked.weight or tracked.kind not in ("script", "process") or check.stops_keepalived:
            continue
        together = [t for t, c in checks if t is tracked or (c.target and c.target == check.target)]
        if any(not t.weight for t in together):
            continue  # FAULT state: everybody may take over
        waiting = _waiting(race, holder, together)
        if waiting:
            yield Stuck(holder, tracked, check, waiting)


def _named(members: list[Candidate]) -> str:
    return " and ".join(member.node.name for member in members)


def _waiting(race: Race, holder: Candidate, failing: list[Tracked]) -> list[Candidate]:
    """The members that nopreempt keeps from taking over: those with a higher priority than is left to the holder,
    or, whatever the priorities, all others."""
    others = [candidate for candidate in race.candidates if candidate is not holder]
    if all(member.instance.nopreempt.value for member in others):
        return others
    return race.when(holder, failing).held_back
