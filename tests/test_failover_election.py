"""The election in numbers against VRRP by the clock, and its laws."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vrrp_clock import Clock, Router

from halint.failover.election import Ballot, Change, bits, mask_of


@dataclass(frozen=True)
class Drawn:
    """A ballot with a change, and how the clock runs: when each node starts, and how late its timers go off."""

    ballot: Ballot
    change: Change
    starts: tuple[int, ...]
    late: tuple[int, ...]
    graceful: bool

    def clock(self) -> Clock:
        ballot = self.ballot
        names = {group: number for number, group in enumerate(sorted(set(ballot.groups)))}
        return Clock(
            [
                Router(
                    priority,
                    ballot.addresses[number] or 0,
                    set(bits(ballot.hears[number])),
                    bool(ballot.nopreempt >> number & 1),
                    names[ballot.groups[number]],
                    self.late[number] / 10_000,
                )
                for number, priority in enumerate(ballot.priorities)
            ]
        )

    def boot(self) -> Clock:
        """A clock that has come to rest after every node has started in its turn."""
        clock = self.clock()
        started = set()
        for number in self.starts:
            if number not in started:
                clock.start(number)
                started |= set(clock.group_of(number))
                clock.run()
        return clock

    def strike(self, clock: Clock) -> bool:
        """Make the change happen; whether it comes to rest."""
        for number, priority in self.change.priorities:
            clock.set_priority(number, priority)
        clock.deaf, clock.mute = set(bits(self.change.deaf)), set(bits(self.change.mute))
        for number in bits(self.change.out):
            clock.stop(number, self.graceful)
        return clock.run()


PRIORITIES = st.sampled_from([1, 80, 90, 100, 150, 254])


@st.composite
def drawn(draw: st.DrawFn, grouped: bool = False, whole: bool = False) -> Drawn:
    count = draw(st.integers(1, 4))
    everybody = (1 << count) - 1
    masks = st.integers(0, everybody)
    rare = st.one_of(st.just(0), masks)
    deafness = [0] * count if whole else [draw(rare) for _ in range(count)]
    hears = tuple(everybody & ~(1 << number) & ~deafness[number] for number in range(count))
    groups = tuple(1 << number for number in range(count))
    if grouped and count == 4:  # two virtual routers on two nodes: 0 and 1 are of one, 2 and 3 of the other
        first, second = draw(st.booleans()), draw(st.booleans())
        groups = (
            0b0101 if first else 0b0001,
            0b1010 if second else 0b0010,
            0b0101 if first else 0b0100,
            0b1010 if second else 0b1000,
        )
        hears = tuple(hear & side for hear, side in zip(hears, (0b0011, 0b0011, 0b1100, 0b1100), strict=True))
    ballot = Ballot(
        tuple(draw(PRIORITIES) for _ in range(count)),
        hears,
        draw(rare),
        groups,
        tuple(draw(st.permutations(range(count)))),
    )
    changed = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=2))
    change = Change(draw(rare), draw(rare), draw(rare), tuple((number, draw(PRIORITIES)) for number in sorted(changed)))
    late = tuple(draw(st.integers(0, 99)) for _ in range(count))
    return Drawn(ballot, change, tuple(draw(st.permutations(range(count)))), late, draw(st.booleans()))


@settings(deadline=None, max_examples=400)
@given(drawn())
def test_what_the_clock_comes_to_is_among_the_outcomes(case: Drawn) -> None:
    clock = case.boot()
    start = mask_of(clock.masters)
    assert start in case.ballot.boot()
    if case.strike(clock):
        states, visited = case.ballot.settle(frozenset((start,)), case.change)
        assert mask_of(clock.masters) in states
        assert mask_of(clock.masters) & ~visited == 0


@settings(deadline=None, max_examples=400)
@given(drawn(grouped=True))
def test_sync_groups_by_the_clock(case: Drawn) -> None:
    clock = case.boot()
    start = mask_of(clock.masters)
    assert start in case.ballot.boot()
    if case.strike(clock):
        assert mask_of(clock.masters) in case.ballot.settle(frozenset((start,)), case.change)[0]


@settings(deadline=None)
@given(drawn(whole=True))
def test_who_hear_each_other_have_one_master(case: Drawn) -> None:
    ballot = case.ballot
    best = max((p for n, p in enumerate(ballot.priorities) if not ballot.nopreempt >> n & 1), default=0)
    expected = {1 << n for n, p in enumerate(ballot.priorities) if p >= best}
    assert ballot.boot() == expected
    out = Change(case.change.out)
    for states in (ballot.boot(out), ballot.settle(frozenset(expected), out)[0]):
        assert all(bin(state).count("1") <= 1 for state in states)
        assert (states == {0}) == (out.out == ballot.everybody)


@settings(deadline=None)
@given(drawn())
def test_a_state_that_nothing_moves_stays(case: Drawn) -> None:
    states, _ = case.ballot.settle(case.ballot.boot(), case.change)
    for state in states:
        again, _ = case.ballot.settle(frozenset((state,)), case.change)
        assert state in again


@settings(deadline=None)
@given(drawn())
def test_the_order_of_the_candidates_does_not_matter(case: Drawn) -> None:
    ballot, count = case.ballot, len(case.ballot.priorities)

    def turned(mask: int) -> int:
        return mask_of(count - 1 - number for number in bits(mask))

    other = Ballot(
        ballot.priorities[::-1],
        tuple(turned(mask) for mask in ballot.hears[::-1]),
        turned(ballot.nopreempt),
        tuple(turned(mask) for mask in ballot.groups[::-1]),
        ballot.addresses[::-1],
    )
    assert {turned(state) for state in ballot.boot()} == other.boot()


@pytest.mark.parametrize(
    ("addresses", "outcomes"),
    [((1, 2), {0b10}), ((2, 1), {0b01}), ((None, 1), {0b01, 0b10}), ((1, 1), {0b11})],
    ids=["the higher", "the other", "not known", "the same"],
)
def test_masters_of_equal_priority_that_meet(addresses: tuple[int | None, ...], outcomes: set[int]) -> None:
    ballot = Ballot((100, 100), (0b10, 0b01), addresses=addresses)
    assert ballot.settle(frozenset((0b11,)))[0] == outcomes


def test_sixteen_masters_that_meet() -> None:
    everybody = (1 << 16) - 1
    ballot = Ballot(tuple(range(100, 116)), tuple(everybody & ~(1 << number) for number in range(16)))
    assert ballot.settle(frozenset((everybody,)))[0] == {1 << 15}


@pytest.mark.parametrize(
    ("nopreempt", "margin", "outcomes"),
    [(0b011, 5, {0b010, 0b100}), (0b011, 1, {0b010}), (0b001, 5, {0b010})],
    ids=["hardly later", "much later", "it would take over anyway"],
)
def test_who_is_hardly_later_may_be_first(nopreempt: int, margin: int, outcomes: set[int]) -> None:
    ballot = Ballot((100, 101, 99), (0b110, 0b101, 0b011), nopreempt, margin=margin)
    assert ballot.settle(frozenset((0b001,)), Change(out=0b001))[0] == outcomes
