"""What becomes of every virtual address in every event."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from halint.failover.effects import Course, Result, independent
from halint.failover.events import CHECK_FAILED, LINK_DOWN, Event, together
from halint.failover.verdicts import OK, VERDICTS, Grades, Outcome, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from halint.cluster import Cluster
    from halint.cluster.virtual_router import VirtualRouter
    from halint.failover.facts import Candidate, Contest, Facts

#: More combinations of outcomes than this are not listed: then each outcome of an address stands in one at least.
_MAX_OUTCOMES = 64


class Scenario:
    """What one event, or several together, lead to; none is the start.

    grades: how the addresses fare, by contest. verdict: the worst.
    """

    __slots__ = ("_analysis", "_outcomes", "events", "grades", "verdict")

    def __init__(self, analysis: Analysis, events: tuple[Event, ...], grades: list[Grades]) -> None:
        self._analysis = analysis
        self._outcomes: list[Outcome] | None = None
        self.events = events
        self.grades = grades
        self.verdict = VERDICTS[max([one.rank for one in grades], default=0)]

    @property
    def name(self) -> str:
        """The events in words, or `initial`."""
        return " + ".join(map(str, self.events)) or "initial"

    @property
    def results(self) -> list[Result]:
        """What becomes of each contest."""
        return [course.result(self.events) for course in self._analysis.courses]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict by address."""
        found: dict[str, str] = {}
        for grades in self.grades:
            for vip, verdict in grades.verdicts.items():
                found[vip] = worst((verdict, found.get(vip, OK)))
        return found

    @property
    def outcomes(self) -> list[Outcome]:
        """The holders by address, several times where chance decides."""
        if self._outcomes is None:
            self._outcomes = _combined([grades.outcomes for grades in self.grades])
        return self._outcomes

    @property
    def holders(self) -> Outcome | None:
        """The outcome where there is only one."""
        return self.outcomes[0] if len(self.outcomes) == 1 else None

    @property
    def reason(self) -> str:
        """Why, in a line."""
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

    def __init__(self, contest: Contest, router: VirtualRouter, held: int) -> None:
        self.contest = contest
        self.router = router
        self.name = router.members[0].instance.name
        self.candidates: list[Candidate] = [one for one in contest.candidates if one.router is router]
        self.vips = list(dict.fromkeys(vip for candidate in self.candidates for vip in candidate.vips))
        self.initial = tuple(one.node.name for one in self.candidates if held >> one.number & 1)


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
            Instance(course.contest, router, course.initial.visited)
            for course in self.courses
            for router in course.contest.routers
        ]
        self.initial = self.scenario()
        self.singles = [self.scenario(event) for event in facts.events]
        self.pairs = list(self._pairs()) if pairs else []

    @property
    def scenarios(self) -> list[Scenario]:
        return [self.initial, *self.singles, *self.pairs]

    def scenario(self, *events: Event) -> Scenario:
        """What `events` lead to."""
        return Scenario(self, events, [course.result(events).grades for course in self.courses])

    def find(self, text: str) -> Scenario:
        """The scenario of the events that `text` names, `+` between them. Raises ValueError for one that cannot happen
        here."""
        events = [Event.parse(part.strip()) for part in text.split("+")] if text != "initial" else []
        for event in events:
            self._check(event)
        if len(events) > 2:
            raise ValueError(f"{text}: no more than two events together")
        return self.scenario(*events)

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

    def _pairs(self) -> Iterator[Scenario]:
        """Every two events."""
        events = self.facts.events
        rows = [[course.result((event,)) for course in self.courses] for event in events]
        for (first, results), (second, others) in itertools.combinations(zip(events, rows, strict=True), 2):
            if not together(first, second):
                continue
            both = (first, second)
            apart = first.node != second.node
            grades = []
            for number, (result, other) in enumerate(zip(results, others, strict=True)):
                if apart and independent(result, other):
                    grades.append(result.grades)
                elif apart and independent(other, result):
                    grades.append(other.grades)
                else:
                    grades.append(self.courses[number].result(both).grades)
            yield Scenario(self, both, grades)


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
