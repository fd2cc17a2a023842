"""What rules ask: who may hold the addresses of a virtual router, and does it move when checks fail on the holder?

A rule about weights is to speak of them whatever else is wrong, so that the members of a virtual router are taken to
hear each other here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.failover import facts
from halint.failover.election import Ballot, Change, mask_of
from halint.models.keepalived.tracking import MAX_WEIGHT
from halint.models.keepalived.vrrp import OWNER_PRIORITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.cluster import Cluster
    from halint.cluster.virtual_router import VirtualRouter
    from halint.failover.facts import Candidate, Contest, Watch
    from halint.models.keepalived.tracking import Tracked
    from halint.models.keepalived.vrrp import VrrpInstance


class Fate:
    """What becomes of the addresses of a holder on which checks fail.

    takers: who takes them over, several where chance decides. priority: what the holder goes on advertising; None in
    FAULT state, where it gives the addresses up. best: of the other live members the one with the highest priority.
    held_back: where nobody takes over, those whose priority is higher than the holder's, and who have nopreempt.
    """

    __slots__ = ("best", "held_back", "priority", "takers")

    def __init__(
        self, best: Candidate, priority: int | None, takers: list[Candidate], held_back: list[Candidate]
    ) -> None:
        self.best = best
        self.priority = priority
        self.takers = takers
        self.held_back = held_back

    @property
    def moves(self) -> bool:
        """Whether another member takes the addresses over, whatever chance does."""
        return bool(self.takers)


class Race:
    """One virtual router with at least two live members. holders: those that may hold its addresses while all is well:
    several where the first to start does, at equal priority or where those with a higher one have nopreempt."""

    __slots__ = ("_ballot", "_contest", "_states", "candidates", "holders", "live", "router")

    def __init__(self, contest: Contest, ballot: Ballot, router: VirtualRouter) -> None:
        self.router = router
        self.candidates = [candidate for candidate in contest.candidates if candidate.router is router]
        self.live = [candidate for candidate in self.candidates if not candidate.down]
        self._contest = contest
        self._ballot = ballot
        self._states = ballot.boot(contest.start)
        self.holders = [one for one in self.live if any(state >> one.number & 1 for state in self._states)]

    def when(self, holder: Candidate, failing: list[Tracked]) -> Fate:
        """What happens when the checks `failing` fail on the node of `holder`, and none elsewhere."""
        names = {(tracked.kind, tracked.name) for tracked in failing}
        out, priorities, own = self._contest.start.out, [], None
        for number in self._contest.by_node[holder.node.name]:
            candidate = self._contest.candidates[number]
            mask = sum(w.bit for w in candidate.watches if (w.tracked.kind, w.tracked.name) in names)
            fault, priority = candidate.state(mask)
            if fault:
                out |= 1 << number
            else:
                priorities.append((number, priority))
                own = priority if candidate is holder else own
        starts = frozenset(state for state in self._states if state >> holder.number & 1)
        after, _ = self._ballot.settle(starts, Change(out=out, priorities=tuple(priorities)))
        others = [candidate for candidate in self.live if candidate is not holder]
        stays = any(state >> holder.number & 1 for state in after)
        takers, held_back = [], []
        if not stays:
            takers = [one for one in others if any(state >> one.number & 1 for state in after)]
        elif own is not None:
            held_back = [one for one in others if healthy(one) > own and one.instance.nopreempt.value]
        return Fate(max(others, key=healthy), own, takers, held_back)

    def nobody_left(self, failing: list[tuple[Candidate, Watch]]) -> bool:
        """Whether nobody holds the addresses once these checks fail together."""
        out, priorities = self._contest.start.out, []
        for candidate, watch in failing:
            fault, priority = candidate.state(watch.bit)
            if fault:
                out |= 1 << candidate.number
            else:
                priorities.append((candidate.number, priority))
        after, _ = self._ballot.settle(self._states, Change(out=out, priorities=tuple(priorities)))
        mine = mask_of(candidate.number for candidate in self.candidates)
        return not any(state & mine for state in after)

    def sufficient_weight(self, holder: Candidate, check: Tracked) -> int | None:
        """The smallest negative weight that, given to `check` wherever the same one is tracked with the same weight,
        makes its failure on `holder` move the addresses; None where no weight does."""
        if holder.instance.priority.value == OWNER_PRIORITY:
            return None
        others = [one.instance for one in self.live if one is not holder]
        best = max(other.priority_with([], same_checks(other, check)) for other in others)
        weight = best - 1 - holder.instance.total([], [check])
        return weight if best > 1 and -MAX_WEIGHT <= weight < 0 else None


def races(cluster: Cluster) -> Iterator[Race]:
    """The virtual routers of `cluster` that are analysed and whose addresses can move at all."""
    for contest in facts.of(cluster).contests:
        ballot = _whole(contest)
        for router in contest.routers:
            race = Race(contest, ballot, router)
            if len(race.live) > 1:
                yield race


def _whole(contest: Contest) -> Ballot:
    """The ballot of a contest as if all members of a virtual router heard each other."""
    by_router = {
        id(router): mask_of(one.number for one in contest.candidates if one.router is router)
        for router in contest.routers
    }
    hears = tuple(by_router[id(one.router)] & ~(1 << one.number) for one in contest.candidates)
    return contest.ballot_with(hears)


def healthy(candidate: Candidate) -> int:
    """Its priority while all is well."""
    return candidate.state(0)[1]


def same_checks(instance: VrrpInstance, check: Tracked) -> list[Tracked]:
    """The checks of `instance` of the kind, name and weight of `check`: what is meant to be the same everywhere."""
    key = (check.kind, check.name, check.weight, check.reverse)
    return [mine for mine in instance.checks if (mine.kind, mine.name, mine.weight, mine.reverse) == key]
