"""Why an address is where it is after an event, in a line, with the numbers that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.failover.effects import CUT_OFF, DEAD, DEAF, FAULT, MUTE, OFF, Result
from halint.failover.election import bits, mask_of
from halint.failover.events import NODE_UP
from halint.failover.verdicts import OK, verdict_of, worst
from halint.models.keepalived.vrrp import OWNER_PRIORITY

if TYPE_CHECKING:
    from halint.cluster.virtual_router import VirtualRouter
    from halint.failover.facts import Candidate, Contest
    from halint.failover.scenarios import Analysis, Scenario
    from halint.models.keepalived.tracking import Tracked


def of_scenario(analysis: Analysis, scenario: Scenario) -> str:
    """The reasons in one line: for what is not well since the event, then for the worst; each with its addresses where
    there are several virtual routers."""
    verdicts, before, told = scenario.verdicts, analysis.initial.verdicts, by_address(analysis, scenario)
    changed = [vip for vip, verdict in verdicts.items() if verdict not in (OK, before[vip])]
    worst_of_all = [vip for vip, verdict in verdicts.items() if verdict == scenario.verdict]
    if scenario.verdict == OK and scenario.events and len(analysis.instances) > 1:
        worst_of_all = [vip for vip in worst_of_all if _held(scenario, vip) != _held(analysis.initial, vip)]
        if not worst_of_all:
            return "no address moves"
    by_reason: dict[str, list[str]] = {}
    for vip in dict.fromkeys(changed + worst_of_all):
        by_reason.setdefault(told[vip], []).append(vip)
    if len(by_reason) == 1 and len(changed or worst_of_all) == len(verdicts):
        return "; ".join(by_reason)
    return "; ".join(f"{_listed(vips)}: {reason}" for reason, vips in by_reason.items())


def _held(scenario: Scenario, vip: str) -> set[tuple[str, ...]]:
    return {nodes for grades in scenario.grades for outcome in grades.outcomes if (nodes := outcome.get(vip))}


def _listed(vips: list[str]) -> str:
    """The addresses, the first few by name."""
    return ", ".join(vips[:3]) + (f" and {len(vips) - 3} more" if len(vips) > 3 else "")


def by_address(analysis: Analysis, scenario: Scenario) -> dict[str, str]:
    """The reason for each address."""
    found: dict[str, str] = {}
    for course, result in zip(analysis.courses, scenario.results, strict=True):
        up = {event.node for event in scenario.events if event.kind == NODE_UP}
        for router in course.contest.routers:
            told = _Case(course.contest, router, result, up)
            for mask, vips in course.contest.addresses.items():
                if mask & told.mask:
                    found |= dict.fromkeys(vips, told.reason(mask))
    return found


class _Case:
    """One virtual router in one result."""

    def __init__(self, contest: Contest, router: VirtualRouter, result: Result, up: set[str]) -> None:
        self.contest = contest
        self.result = result
        self.up = up
        self.candidates = [candidate for candidate in contest.candidates if candidate.router is router]
        self.mask = mask_of(candidate.number for candidate in self.candidates)
        self.dead, self.cut_off = result.struck(DEAD), result.struck(CUT_OFF)
        # Of several starts the one that the event concerns.
        self.before = max((state & self.mask for state in sorted(result.before)), key=self._struck)

    def _struck(self, state: int) -> bool:
        return any(state >> number & 1 for number, _, _ in self.result.effect)

    def reason(self, mask: int) -> str:
        """Why those of `mask` hold the address that do; of several states that are possible, in the worst."""
        states = sorted({state & mask for state in self.result.states})
        verdicts = {state: verdict_of(state, self.dead, self.cut_off) for state in states}
        verdict = worst(verdicts.values())
        if len(states) > 1 and verdict == OK:
            return self._chance(states)
        state = next(state for state in states if verdicts[state] == verdict)
        told = self._state(state, mask)
        if len(states) > 1:
            names = " and ".join(self.contest.names(state)) or "nobody"
            return f"{told} (where {names} {'hold' if state & (state - 1) else 'holds'} it: that depends on chance)"
        return told

    def _state(self, state: int, mask: int) -> str:
        masters = list(bits(state))
        if not masters:
            return self._nobody(mask)
        if len(masters) > 1:
            return self._split(state)
        return self._one(masters[0])

    def _chance(self, states: list[int]) -> str:
        names = [" and ".join(self.contest.names(state)) or "nobody" for state in states]
        masters = [self.contest.candidates[number] for state in states for number in bits(state)]
        priorities = {self._priority(candidate) for candidate in masters}
        if len(priorities) == 1:
            why = f"at equal priority {priorities.pop()} who is first keeps it"
        elif any(candidate.instance.nopreempt.value for candidate in masters):
            waiting = " and ".join(c.node.name for c in masters if c.instance.nopreempt.value)
            why = f"with nopreempt {waiting} takes it from nobody"
        else:
            why = "it depends on the order of what happens"
        return f"{' or '.join(dict.fromkeys(names))}: {why}"

    def _nobody(self, mask: int) -> str:
        told = [self._out(self.contest.candidates[number]) for number in bits(mask)]
        return "nobody is left: " + ", ".join(reason or "it waits for its sync group" for reason in told)

    def _split(self, state: int) -> str:
        """Who of several masters does not hear whom. Those that nobody reaches make no split."""
        reached = state & ~self.cut_off or state
        masters = list(bits(reached))
        if len(masters) == 1:
            away = self.contest.names(state & ~reached)
            return f"{self._name(masters[0])} takes over, {' and '.join(away)} holds it behind a dead link"
        for listener in masters:
            for speaker in masters:
                if listener != speaker and self._stronger(speaker, listener):
                    return (
                        f"{self._name(listener)} does not hear {self._name(speaker)}: {self._deaf(listener, speaker)}"
                    )
        first, second = masters[:2]
        return f"neither of {self._name(first)} and {self._name(second)} yields: same priority, same source address"

    def _deaf(self, listener: int, speaker: int) -> str:
        if self.result.struck(DEAF) >> listener & 1:
            return f"adverts do not come in on {self._name(listener)}"
        if self.result.struck(MUTE) >> speaker & 1:
            return f"adverts do not leave {self._name(speaker)}"
        why = self.contest.deafness(listener, speaker)
        again = self.contest.candidates[speaker]
        if why is None and again.node.name in self.up and again.instance.authentication[0] == "AH":
            return "with AH the numbers of its adverts begin anew, and are dropped as replays until they have caught up"
        return why.reason if why is not None else "equal priority and no address to compare"

    def _one(self, number: int) -> str:
        holder = self.contest.candidates[number]
        name = holder.node.name
        if self.before >> number & 1:
            return self._stays(holder)
        left = [self.contest.candidates[other] for other in bits(self.before)]
        if not left:
            return f"{name} has priority {self._sum(holder)}"
        former = left[0]
        gone = self._out(former)
        if gone:
            return f"{gone}; {name} takes over with {self._sum(holder)}"
        own, new = self._priority(former), self._priority(holder)
        if former.node.name in self.up or own == new:
            return f"{name} keeps it: it took over, and {self._hold_off(former, holder)}"
        if self.result.struck(DEAF | MUTE) >> former.number & 1:
            return f"{former.node.name} is cut off; {name} takes over with {self._sum(holder)}"
        if own < new:
            return f"{self._sum(former)} is below {self._sum(holder)} of {name}, which takes over"
        return f"{name} takes over"

    def _hold_off(self, back: Candidate, holder: Candidate) -> str:
        """Why who comes back does not take over."""
        if back.instance.nopreempt.value and self._priority(back) > self._priority(holder):
            return f"with nopreempt {back.node.name} does not take it back"
        return f"{self._sum(back)} of {back.node.name} is not above {self._sum(holder)}"

    def _stays(self, holder: Candidate) -> str:
        name, dead = holder.node.name, self.dead >> holder.number & 1
        failing = holder.failing(self.result.failing(holder.number))
        rivals = [c for c in self.candidates if c is not holder and not self._out(c)]
        best = max(rivals, key=self._priority, default=None)
        if dead and not failing:
            ignored = [(tracked.name, why) for tracked in holder.instance.tracked if (why := ignores(holder, tracked))]
            for check, why in ignored:
                return f"keepalived on {name} ignores {check}, since {why}"
            return f"nothing that {name} tracks looks at haproxy"
        if failing and best is None:
            return f"no other node can take over from {name}"
        if failing and best is not None:
            own = self._sum(holder)
            if self._priority(holder) < self._priority(best):
                if best.instance.nopreempt.value:
                    return f"{own} is below {self._sum(best)}, but with nopreempt {best.node.name} does not take over"
                return f"{own} is below {self._sum(best)}, but {best.node.name} does not take over"
            return f"{own} is not below {self._sum(best)}"
        if best is None:
            return f"{name} keeps it: no other node is left"
        return f"{name} keeps it: {self._sum(holder)}, and {self._sum(best)} on {best.node.name}"

    def _stronger(self, one: int, other: int) -> bool:
        first, second = self.contest.candidates[one], self.contest.candidates[other]
        return self._priority(first) >= self._priority(second)

    def _name(self, number: int) -> str:
        return self.contest.candidates[number].node.name

    def _priority(self, candidate: Candidate) -> int:
        return candidate.state(self.result.failing(candidate.number))[1]

    def _sum(self, candidate: Candidate) -> str:
        return priority_sum(candidate, self.result.failing(candidate.number))

    def _out(self, candidate: Candidate) -> str:
        """Why `candidate` takes no part, or ""."""
        number, name = candidate.number, candidate.node.name
        if candidate.down:
            return candidate.down
        if self.result.struck(OFF) >> number & 1:
            return f"keepalived on {name} is down"
        if self.result.struck(FAULT) >> number & 1:
            return f"{name} is in FAULT state, since its link is down"
        failing = self.result.failing(number)
        if candidate.state(failing)[0]:
            failed = [t.name for t in candidate.failing(failing) if not t.weight and not t.reverse]
            return f"{name} is in FAULT state, since {' and '.join(failed) or 'a check'} has no weight"
        for other in bits(self.contest.ballot.groups[number] & ~(1 << number)):
            partner = self.contest.candidates[other]
            if other != number and self._out_alone(partner):
                return f"{name} is in FAULT state with {partner.instance.name} of its sync group"
        return ""

    def _out_alone(self, candidate: Candidate) -> bool:
        out = self.result.change.out | self.contest.start.out
        return bool(out >> candidate.number & 1)


def ignores(candidate: Candidate, tracked: Tracked) -> str:
    """Why keepalived goes on without what a line tracks, or ""."""
    return candidate.instance.ignores(tracked) or candidate.apart.get(tracked, "")


def priority_sum(candidate: Candidate, failing: int) -> str:
    """How the priority of `candidate` comes about: `101-20 = 81`, or the number alone."""
    instance, priority = candidate.instance, candidate.state(failing)[1]
    if instance.priority.value == OWNER_PRIORITY:
        return str(priority)
    failed = candidate.failing(failing)
    parts = [watch.tracked.adds(failing=watch.tracked in failed) for watch in candidate.watches]
    terms = "".join(f"{part:+}" for part in parts if part)
    if not terms:
        return str(priority)
    total = instance.total(failed, list(candidate.apart))
    cut = "" if total == priority else f" ({'at least 1' if priority == 1 else 'at most 254'})"
    return f"{instance.priority.value}{terms} = {priority}{cut}"
