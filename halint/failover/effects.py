"""What an event does to the candidates of a contest, and what becomes of the contest.

Events that do the same have one result, and an event on nodes that another one does not concern adds nothing to it:
so every two events of a large cluster cost hardly more than every single one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.failover.election import NO_CHANGE, Change, bits, mask_of
from halint.failover.events import CHECK_FAILED, IN, LINK_DOWN, NODE_DOWN, NODE_UP, OUT, SERVICE_DOWN, VRRP_BLOCKED
from halint.failover.verdicts import Grades, grade
from halint.models.keepalived.vrrp import OWNER_PRIORITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from halint.failover.election import States
    from halint.failover.events import Event
    from halint.failover.facts import Candidate, Contest, Facts, Watch

#: What an event does to a candidate: it does not run, its interface is in FAULT, it hears nobody, nobody hears it, its
#: haproxy is dead, nobody reaches what it holds.
OFF, FAULT, DEAF, MUTE, DEAD, CUT_OFF = (1 << number for number in range(6))

#: By candidate, in order: number, what happens to it, and the mask of the watches that fail.
Effect = tuple[tuple[int, int, int], ...]


class Result:
    """What becomes of one contest.

    states: masks of the masters, several where chance decides; before: the same at the start. visited: the mask of all
    that are master on the way. effect: what is the matter with the candidates in the end; change: the same for the
    election. touched: the mask of the candidates that the events concern. weakens: whether they do nothing to these
    but what only a master feels: none of them hears less, or has a higher priority.
    """

    __slots__ = (
        "_grades", "before", "change", "contest", "effect", "states", "touched", "visited", "weakens",
    )  # fmt: skip

    def __init__(
        self, contest: Contest, effect: Effect, change: Change, before: States, states: States, visited: int
    ) -> None:
        self.contest = contest
        self.effect = effect
        self.change = change
        self.before = before
        self.states = states
        self.visited = visited
        self.touched = 0
        self.weakens = True
        self._grades: Grades | None = None

    @property
    def grades(self) -> Grades:
        """How the addresses fare."""
        if self._grades is None:
            self._grades = grade(self.contest, self.states, self.struck(DEAD), self.struck(CUT_OFF))
        return self._grades

    def struck(self, flag: int) -> int:
        """The mask of the candidates that have `flag`."""
        mask = 0
        for number, flags, _ in self.effect:
            if flags & flag:
                mask |= 1 << number
        return mask

    def failing(self, number: int) -> int:
        """The mask of the watches of a candidate that fail."""
        return next((failing for other, _, failing in self.effect if other == number), 0)


class Course:
    """One contest through all events."""

    __slots__ = ("_changes", "_effects", "_results", "contest", "facts", "initial")

    def __init__(self, facts: Facts, contest: Contest) -> None:
        self.facts = facts
        self.contest = contest
        self._effects: dict[Event, Effect] = {}
        self._changes: dict[Effect, Change] = {(): contest.start}
        self._results: dict[object, Result] = {}
        states = contest.ballot.boot(contest.start)
        visited = 0
        for state in states:
            visited |= state
        self.initial = Result(contest, (), contest.start, states, states, visited)

    def result(self, events: Sequence[Event]) -> Result:
        """What becomes of it when `events`, one or two, happen, in whatever order."""
        touching = [event for event in events if self.effect(event)]
        if not touching:
            return self.initial
        key = tuple(sorted((self.effect(event), event.kind == NODE_UP) for event in touching))
        found = self._results.get(key)
        if found is None:
            found = self._results[key] = self._result(touching)
        return found

    def effect(self, event: Event) -> Effect:
        """What `event` does to the candidates; of NODE_UP, what happens before."""
        found = self._effects.get(event)
        if found is None:
            found = self._effects[event] = tuple(_effect(self.facts, self.contest, event))
        return found

    def _result(self, events: list[Event]) -> Result:
        lasting = _merged([self.effect(event) for event in events if event.kind != NODE_UP])
        states: States = frozenset()
        visited = self.initial.visited
        for order in (events, events[::-1]) if len(events) > 1 else (events,):
            after, passed = self._after(order)
            states |= after
            visited |= passed
        result = Result(self.contest, lasting, self._change(lasting), self.initial.states, states, visited)
        for event in events:
            change = self._change(self.effect(event))
            result.weakens &= not change.deaf and self._lowers(change)
            for number, _, _ in self.effect(event):
                result.touched |= 1 << number
        return result

    def _lowers(self, change: Change) -> bool:
        healthy = self.contest.ballot.priorities
        return all(priority <= healthy[number] for number, priority in change.priorities)

    def _after(self, events: list[Event]) -> tuple[States, int]:
        """The states after `events` in this order, and the mask of the masters on the way."""
        states, passed = self.initial.states, 0
        lasting: list[Effect] = []
        for event in events:
            if event.kind == NODE_UP:
                steps = [_merged([*lasting, self.effect(event)]), _merged(lasting)]
            else:
                lasting.append(self.effect(event))
                steps = [_merged(lasting)]
            for number, step in enumerate(steps):
                if number:
                    states = frozenset(self._with_owners(state, self.effect(event)) for state in states)
                before = states
                states, visited = self.contest.ballot.settle(states, self._change(step))
                if number:
                    states |= self._replays(before, states, self.effect(event))
                passed |= visited
        return states, passed

    def _replays(self, before: States, after: States, back: Effect) -> States:
        """The states in which the others do not yield to candidates of `back`: with AH the numbers of their adverts
        begin anew, and are dropped as replays until they have passed those that were heard before (measured)."""
        candidates = self.contest.candidates
        found: set[int] = set()
        for number, _, _ in back:
            if candidates[number].instance.authentication[0] == "AH":
                same = mask_of(other.number for other in candidates if other.router is candidates[number].router)
                found |= {new | old & same for new in after for old in before if new >> number & 1}
        return frozenset(found)

    def _with_owners(self, state: int, back: Effect) -> int:
        """`state` where the candidates of `back` are started: an address owner is master at once, and another one that
        hears it lowers its own priority, and yields (measured)."""
        ballot = self.contest.ballot
        for number, _, _ in back:
            rivals = [other for other in bits(state) if ballot.priorities[other] == OWNER_PRIORITY]
            rivals = [other for other in rivals if ballot.hears[other] >> number & 1]
            if rivals and ballot.priorities[number] == OWNER_PRIORITY:
                state = state & ~mask_of(rivals) | 1 << number
        return state

    def _change(self, effect: Effect) -> Change:
        found = self._changes.get(effect)
        if found is None:
            found = self._changes[effect] = self._read_change(effect)
        return found

    def _read_change(self, effect: Effect) -> Change:
        out, deaf, mute, priorities = self.contest.start.out, 0, 0, []
        for number, flags, failing in effect:
            candidate, bit = self.contest.candidates[number], 1 << number
            fault, priority = candidate.state(failing)
            if flags & (OFF | FAULT) or fault:
                out |= bit
                continue
            if priority != self.contest.ballot.priorities[number]:
                priorities.append((number, priority))
            deaf |= bit if flags & DEAF else 0
            mute |= bit if flags & MUTE else 0
        return Change(out, deaf, mute, tuple(priorities)) if effect else NO_CHANGE


def independent(first: Result, second: Result) -> bool:
    """Whether the events of `second`, on another node, change nothing in what those of `first` lead to: they only
    weaken candidates that are no master on the way, and such are not heard."""
    return second.weakens and not second.touched & first.visited


def _merged(effects: list[Effect]) -> Effect:
    """What several events do together."""
    if len(effects) < 2:
        return effects[0] if effects else ()
    found: dict[int, tuple[int, int]] = {}
    for effect in effects:
        for number, flags, failing in effect:
            known = found.get(number)
            found[number] = (flags, failing) if known is None else (known[0] | flags, known[1] | failing)
    return tuple((number, *found[number]) for number in sorted(found))


def _effect(facts: Facts, contest: Contest, event: Event) -> Iterator[tuple[int, int, int]]:
    """What `event` does to the candidates of its node, those that it does something to."""
    if event not in facts.stopping:
        facts.stopping[event] = event.kind in (NODE_DOWN, NODE_UP) or _stops_keepalived(facts, event)
    stopped = facts.stopping[event]
    for number in contest.by_node.get(event.node, ()):
        candidate = contest.candidates[number]
        mask = sum(watch.bit for watch in failing(candidate, event))
        flags = OFF if stopped else 0
        if event.kind == SERVICE_DOWN and candidate.serves:
            flags |= DEAD
        elif event.kind == LINK_DOWN:
            flags |= _link(candidate, event.check)
        elif event.kind == VRRP_BLOCKED:
            flags |= {IN: DEAF, OUT: MUTE, None: DEAF | MUTE}[event.direction]
        if flags or mask:
            yield number, flags, mask


def failing(candidate: Candidate, event: Event) -> list[Watch]:
    """The watches that fail when `event` happens on the candidate's node."""
    if event.kind not in (SERVICE_DOWN, LINK_DOWN, CHECK_FAILED):
        return []
    depending = [watch for watch in candidate.watches if watch.outcome is None]
    if event.kind == SERVICE_DOWN:
        return [watch for watch in depending if watch.looks_at_haproxy]
    if event.kind == LINK_DOWN:
        links = [watch for watch in depending if watch.tracked.kind == "interface"]
        return [watch for watch in links if event.check in (None, watch.tracked.name)]
    targets = {watch.check.target for watch in depending if watch.tracked.name == event.check} - {None}
    return [watch for watch in depending if watch.tracked.name == event.check or watch.check.target in targets]


def _stops_keepalived(facts: Facts, event: Event) -> bool:
    """Whether a check that fails then stops keepalived, or systemd does."""
    if event.kind not in (SERVICE_DOWN, CHECK_FAILED):
        return False
    if event.kind == SERVICE_DOWN and event.node in facts.bound:
        return True
    return any(
        watch.check.stops_keepalived
        for contest in facts.contests
        for number in contest.by_node.get(event.node, ())
        for watch in failing(contest.candidates[number], event)
    )


def _link(candidate: Candidate, link: str | None) -> int:
    """What it does to `candidate` that a link of its node goes down; None is its only one."""
    own = candidate.instance.interface.value
    flags = FAULT if candidate.interfaces and link in (None, *candidate.interfaces) else 0
    if link in (None, own):
        flags |= DEAF | MUTE
    lines = candidate.instance.addresses + candidate.instance.excluded
    if link is None or all((line.device.text if line.device else own) == link for line in lines):
        flags |= CUT_OFF
    return flags
