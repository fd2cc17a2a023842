"""What becomes of every virtual address in every event, and whether that is well."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from halint.failover.effects import CUT_OFF, DEAD, Course, Result
from halint.failover.events import CHECK_FAILED, LINK_DOWN, Event, together

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.cluster import Cluster
    from halint.failover.facts import Candidate, Contest, Facts
    from halint.virtual_router import VirtualRouter

OK, NONDETERMINISTIC, STALE_HOLDER, NO_HOLDER, SPLIT_BRAIN = VERDICTS = (
    "ok", "nondeterministic", "stale-holder", "no-holder", "split-brain",
)  # fmt: skip
_RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
#: More combinations of outcomes than this are not listed: then each outcome of an address stands in one at least.
_MAX_OUTCOMES = 64

Outcome = dict[str, tuple[str, ...]]


class Grades:
    """How the addresses of a contest fare in one result: outcomes as {address: nodes}, and verdicts by address."""

    __slots__ = ("outcomes", "verdict", "verdicts")

    def __init__(self, outcomes: list[Outcome], verdicts: dict[str, str]) -> None:
        self.outcomes = outcomes
        self.verdicts = verdicts
        self.verdict = worst(verdicts.values())


class Scenario:
    """What one event, or several together, lead to; none is the start.

    outcomes: the holders by address, several where chance decides. verdicts: by address; verdict: the worst of them.
    reason: why, in a line. results: by contest.
    """

    __slots__ = ("_analysis", "_outcomes", "events", "results", "verdict")

    def __init__(self, analysis: Analysis, events: tuple[Event, ...], results: list[Result]) -> None:
        self._analysis = analysis
        self._outcomes: list[Outcome] | None = None
        self.events = events
        self.results = results
        self.verdict = worst(analysis.grades(number, result).verdict for number, result in enumerate(results))

    @property
    def name(self) -> str:
        """The events in words, or `initial`."""
        return " + ".join(map(str, self.events)) or "initial"

    @property
    def verdicts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, result in enumerate(self.results):
            for vip, verdict in self._analysis.grades(number, result).verdicts.items():
                found[vip] = worst((verdict, found.get(vip, OK)))
        return found

    @property
    def outcomes(self) -> list[Outcome]:
        if self._outcomes is None:
            each = [self._analysis.grades(number, result).outcomes for number, result in enumerate(self.results)]
            self._outcomes = _combined(each)
        return self._outcomes

    @property
    def holders(self) -> Outcome | None:
        """The outcome where there is only one."""
        return self.outcomes[0] if len(self.outcomes) == 1 else None

    @property
    def reason(self) -> str:
        from halint.failover import reasons

        return reasons.of_scenario(self._analysis, self)

    def reasons(self) -> dict[str, str]:
        """Why, for each address."""
        from halint.failover import reasons

        return reasons.by_address(self._analysis, self)


class Instance:
    """Instances of several nodes that share addresses.

    name: of the first. vips: its addresses. initial: the nodes that hold them at the start, or may do so.
    """

    __slots__ = ("candidates", "contest", "initial", "name", "router", "vips")

    def __init__(self, contest: Contest, router: VirtualRouter, initial: tuple[str, ...]) -> None:
        self.contest = contest
        self.router = router
        self.name = router.members[0].instance.name
        self.candidates = [candidate for candidate in contest.candidates if candidate.router is router]
        self.vips = vips_of(self.candidates)
        self.initial = initial


class Analysis:
    """What becomes of a cluster. scenarios: the start first, then each event, then the pairs that were asked for.
    assumptions: what is taken for true. left_out: what could not be analysed, and why."""

    def __init__(self, facts: Facts, pairs: bool) -> None:
        self.facts = facts
        self.cluster: Cluster = facts.cluster
        self.courses = [Course(facts, contest) for contest in facts.contests]
        self.assumptions = facts.assumptions
        self.left_out = facts.left_out
        self.instances = [
            Instance(course.contest, router, self._initial(number, router))
            for number, course in enumerate(self.courses)
            for router in course.contest.routers
        ]
        self.initial = Scenario(self, (), [course.initial for course in self.courses])
        self.singles = [self.scenario(event) for event in facts.events]
        self.pairs = list(self._pairs()) if pairs else []

    @property
    def scenarios(self) -> list[Scenario]:
        return [self.initial, *self.singles, *self.pairs]

    def scenario(self, *events: Event) -> Scenario:
        """What `events` lead to."""
        return Scenario(self, events, [course.result(*events) for course in self.courses])

    def find(self, text: str) -> Scenario:
        """The scenario of the events that `text` names, `+` between them. Raises ValueError for one that cannot happen
        here."""
        events = [Event.parse(part.strip()) for part in text.split("+")] if text != "initial" else []
        for event in events:
            self._check(event)
        return self.scenario(*events)

    def grades(self, number: int, result: Result) -> Grades:
        """How the addresses of the contest `number` fare in `result`."""
        if result.grades is None:
            result.grades = _grade(self.courses[number].contest, result)
        return result.grades

    def _initial(self, number: int, router: VirtualRouter) -> tuple[str, ...]:
        course = self.courses[number]
        held = 0
        for state in course.initial.states:
            held |= state
        return tuple(
            candidate.node.name
            for candidate in course.contest.candidates
            if candidate.router is router and held >> candidate.number & 1
        )

    def _check(self, event: Event) -> None:
        nodes = {node: None for contest in self.facts.contests for node in contest.by_node}
        if event.node not in nodes:
            raise ValueError(f"{event}: there is no node {event.node}; there are {', '.join(nodes)}")
        if event.kind == CHECK_FAILED:
            names = {
                watch.tracked.name: None
                for contest in self.facts.contests
                for number in contest.by_node.get(event.node, ())
                for watch in contest.candidates[number].watches
            }
            if event.check not in names:
                known = f"it tracks {', '.join(names)}" if names else "it tracks nothing"
                raise ValueError(f"{event}: {event.node} tracks no {event.check}; {known}")
        elif event.kind == LINK_DOWN and event not in self.facts.events:
            links = [str(other) for other in self.facts.events if (other.kind, other.node) == (LINK_DOWN, event.node)]
            raise ValueError(f"{event}: there is no such link; there are {', '.join(links)}")

    def _pairs(self) -> Iterable[Scenario]:
        for first, second in itertools.combinations(self.facts.events, 2):
            if together(first, second):
                yield self.scenario(first, second)


def worst(verdicts: Iterable[str]) -> str:
    """The worst of `verdicts`; OK where there are none."""
    return max(verdicts, key=_RANK.__getitem__, default=OK)


def vips_of(candidates: list[Candidate]) -> list[str]:
    """The addresses of `candidates`, in the order in which the files list them."""
    found: dict[str, None] = {}
    for candidate in candidates:
        for line in candidate.instance.addresses + candidate.instance.excluded:
            if line.address in candidate.vips:
                found[line.address] = None
    return list(found)


def _grade(contest: Contest, result: Result) -> Grades:
    dead, cut_off = result.struck(DEAD), result.struck(CUT_OFF)
    outcomes: list[Outcome] = [{} for _ in result.states]
    verdicts: dict[str, str] = {}
    for vip, mask in contest.held.items():
        found: dict[int, str] = {}
        for outcome, state in zip(outcomes, sorted(result.states), strict=True):
            held = state & mask
            outcome[vip] = contest.names(held)
            found[held] = verdict_of(held, dead, cut_off)
        if len({outcome[vip] for outcome in outcomes}) > 1:
            found[-1] = NONDETERMINISTIC
        verdicts[vip] = worst(found.values())
    return Grades(outcomes, verdicts)


def verdict_of(held: int, dead: int, cut_off: int) -> str:
    """How an address fares that the masters `held` have: those of `dead` serve nothing, nobody reaches `cut_off`."""
    reached = held & ~cut_off
    if reached & (reached - 1):
        return SPLIT_BRAIN
    if not held:
        return NO_HOLDER
    return STALE_HOLDER if not reached or reached & dead else OK


def _combined(each: list[list[Outcome]]) -> list[Outcome]:
    """The outcomes of contests that do not depend on each other, in all combinations."""
    count = 1
    for outcomes in each:
        count *= len(outcomes)
    if count > _MAX_OUTCOMES:
        most = max(map(len, each))
        rows: Iterable[tuple[Outcome, ...]] = (tuple(o[n % len(o)] for o in each) for n in range(most))
    else:
        rows = itertools.product(*each)
    combined = []
    for row in rows:
        merged: Outcome = {}
        for outcome in row:
            for vip, nodes in outcome.items():
                merged[vip] = tuple(dict.fromkeys((*merged.get(vip, ()), *nodes)))
        combined.append(merged)
    return combined
