"""How the addresses of a contest fare."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.failover.election import States
    from halint.failover.facts import Contest

#: From good to bad: one holder that serves; chance decides between such; the holder serves nothing, or nobody reaches
#: it; there is none; there are several.
OK, NONDETERMINISTIC, STALE_HOLDER, NO_HOLDER, SPLIT_BRAIN = VERDICTS = (
    "ok", "nondeterministic", "stale-holder", "no-holder", "split-brain",
)  # fmt: skip
_RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}

#: The nodes that hold each address.
Outcome = dict[str, tuple[str, ...]]


class Grades:
    """How the addresses of a contest fare in one result.

    outcomes: in the order of the states. verdicts: by address. rank: of the worst of them, its place in VERDICTS.
    """

    __slots__ = ("outcomes", "rank", "verdicts")

    def __init__(self, outcomes: list[Outcome], verdicts: dict[str, str]) -> None:
        self.outcomes = outcomes
        self.verdicts = verdicts
        self.rank = _RANK[worst(verdicts.values())]


def grade(contest: Contest, states: States, dead: int, cut_off: int) -> Grades:
    """How the addresses fare where the masters are those of one of `states`: those of `dead` serve nothing, and nobody
    reaches those of `cut_off`."""
    ordered = sorted(states)
    outcomes: list[Outcome] = [{} for _ in ordered]
    verdicts: dict[str, str] = {}
    for mask, vips in contest.addresses.items():
        found = {state & mask: verdict_of(state & mask, dead, cut_off) for state in ordered}
        names = [contest.names(state & mask) for state in ordered]
        verdict = worst(found.values())
        if verdict == OK and len(set(names)) > 1:
            verdict = NONDETERMINISTIC
        for vip in vips:
            verdicts[vip] = verdict
            for outcome, nodes in zip(outcomes, names, strict=True):
                outcome[vip] = nodes
    return Grades(outcomes, verdicts)


def verdict_of(held: int, dead: int, cut_off: int) -> str:
    """How an address fares whose masters are `held`."""
    reached = held & ~cut_off
    if reached & (reached - 1):
        return SPLIT_BRAIN
    if not held:
        return NO_HOLDER
    return STALE_HOLDER if not reached or reached & dead else OK


def worst(verdicts: Iterable[str]) -> str:
    """The worst of `verdicts`; OK where there are none."""
    return max(verdicts, key=_RANK.__getitem__, default=OK)
