"""The VRRP election in numbers: who is master in the end, from where the nodes stand now.

Knows nothing of configurations: candidates are numbered, sets of them are bit masks, so that what has the same
numbers is worked out once.

Sources: keepalived v2.2.7 keepalived/vrrp/vrrp.c (vrrp_state_backup, vrrp_state_master_rx), vrrp_sync.c; measured.
A backup takes over when it hears no advert that it respects: one of its own priority or more, with nopreempt any. Of
those that time out the one with the highest priority is first; equal ones are a toss-up. A master yields to a higher
priority that it hears, at equal priority to the higher address. One that hears nobody goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

#: States: bit masks of the candidates that are master. Several where chance decides.
States = frozenset[int]


class Change:
    """What an event changes in a ballot.

    out: those that take no part: their node is down, or they are in FAULT state. deaf: those that hear nobody. mute:
    those that nobody hears. priorities: (candidate, priority), of those whose priority is another.
    """

    __slots__ = ("deaf", "key", "mute", "out", "priorities")

    def __init__(
        self, out: int = 0, deaf: int = 0, mute: int = 0, priorities: tuple[tuple[int, int], ...] = ()
    ) -> None:
        self.out = out
        self.deaf = deaf
        self.mute = mute
        self.priorities = priorities
        self.key = (out, deaf, mute, priorities)

    def __repr__(self) -> str:
        return f"Change(out={self.out:b}, deaf={self.deaf:b}, mute={self.mute:b}, priorities={self.priorities})"


#: Nothing happens.
NO_CHANGE = Change()


class Ballot:
    """The candidates for some addresses, in numbers.

    priorities: while all is well. hears: by candidate, the mask of those whose adverts it accepts. nopreempt: the mask
    of those that take over from nobody who is alive. groups: by candidate, the mask of those of its node that change
    state with it, itself among them. addresses: by candidate, what decides between masters of equal priority: a
    number, or None where it is not known. margin: how far apart priorities may be for chance to decide who times out
    first. grouped: whether some change state together; whole: whether all hear each other, and none do.
    """

    __slots__ = (
        "_boots", "_settled", "addresses", "everybody", "grouped", "groups", "hears", "margin", "nopreempt",
        "priorities", "whole",
    )  # fmt: skip

    def __init__(
        self,
        priorities: tuple[int, ...],
        hears: tuple[int, ...],
        nopreempt: int = 0,
        groups: tuple[int, ...] | None = None,
        addresses: tuple[int | None, ...] | None = None,
        margin: int = 0,
    ) -> None:
        count = len(priorities)
        self.priorities = priorities
        self.hears = hears
        self.nopreempt = nopreempt
        self.margin = margin
        self.groups = groups or tuple(1 << number for number in range(count))
        self.grouped = any(group != 1 << number for number, group in enumerate(self.groups))
        self.addresses = addresses or (None,) * count
        self.everybody = (1 << count) - 1
        self.whole = not self.grouped and all(mask | 1 << number == self.everybody for number, mask in enumerate(hears))
        self._settled: dict[object, tuple[States, int]] = {}
        self._boots: dict[object, States] = {}

    @property
    def key(self) -> tuple[object, ...]:
        """Ballots with the same numbers have the same results."""
        return self.priorities, self.hears, self.nopreempt, self.groups, self.addresses, self.margin

    def __repr__(self) -> str:
        hears = " ".join(f"{mask:b}" for mask in self.hears)
        groups = " ".join(f"{mask:b}" for mask in self.groups)
        return f"Ballot({self.priorities}, hears {hears}, nopreempt={self.nopreempt:b}, {groups=}, {self.addresses})"

    def boot(self, change: Change = NO_CHANGE) -> States:
        """What the nodes may come to that start in any order, and are started again in any order."""
        found = self._boots.get(change.key)
        if found is None:
            found = self._boots[change.key] = self._boot(change)
        return found

    def _boot(self, change: Change) -> States:
        if self.whole and not change.deaf | change.mute | len(change.priorities):
            # One master: whoever nobody takes over from.
            alive = list(bits(self.everybody & ~change.out))
            taking = (self.priorities[number] for number in alive if not self.nopreempt >> number & 1)
            least = max(taking, default=0)
            return frozenset(1 << n for n in alive if self.priorities[n] >= least) or frozenset((0,))
        units = set(self.groups)
        found, _ = self.settle(frozenset(units), change)
        pending = list(found)
        while pending:
            state = pending.pop()
            for unit in units:
                without = Change(change.out | unit, change.deaf, change.mute, change.priorities)
                left, _ = self.settle(frozenset((state,)), without)
                for after in self.settle(left, change)[0]:
                    if after not in found:
                        found |= {after}
                        pending.append(after)
        return found

    def settle(self, starts: States, change: Change = NO_CHANGE) -> tuple[States, int]:
        """What becomes of the states `starts` under `change`: where nothing moves any more, or, where it never comes to
        rest, everything that it goes through; and the mask of all that are master on the way."""
        key = (starts, change.key)
        found = self._settled.get(key)
        if found is None:
            found = self._settled[key] = self._settle(starts, change)
        return found

    def _settle(self, starts: States, change: Change) -> tuple[States, int]:
        priorities = self.priorities
        if change.priorities:
            changed = list(priorities)
            for number, priority in change.priorities:
                changed[number] = priority
            priorities = tuple(changed)
        out = change.out
        if self.grouped:
            for number in bits(out):
                out |= self.groups[number]
        alive = self.everybody & ~out
        election = _Election(self, priorities, alive, change.deaf, change.mute)
        pending = [start & alive for start in starts]
        for start in starts:
            pending += election.farewell(start)
        seen: set[int] = set()
        stable: set[int] = set()
        while pending:
            state = pending.pop()
            if state in seen:
                continue
            seen.add(state)
            following = election.step(state)
            if following:
                pending += following
            else:
                stable.add(state)
        visited = 0
        for state in seen:
            visited |= state
        return frozenset(stable or seen), visited


class _Election:
    """One election under way: the numbers as an event leaves them."""

    __slots__ = ("addresses", "alive", "ballot", "deaf", "mute", "priorities")

    def __init__(self, ballot: Ballot, priorities: tuple[int, ...], alive: int, deaf: int, mute: int) -> None:
        self.ballot = ballot
        self.priorities = priorities
        self.addresses = ballot.addresses
        self.alive = alive
        self.deaf = deaf
        self.mute = mute

    def step(self, state: int) -> list[int]:
        """The states that may follow `state`; none where it stays."""
        return self._yield(state) or self._take_over(state)

    def farewell(self, state: int) -> list[int]:
        """The states that may come of it that masters leave while others stay: whoever hears that one leaves, by an
        advert with priority 0, waits for the others no longer than its skew."""
        leaving, left = state & ~self.alive, state & self.alive
        if not leaving or not left:
            return []
        groups, backups = self.ballot.groups, bits(self.alive & ~state)
        return [left | groups[number] for number in backups if self.heard(number, leaving)]

    def heard(self, number: int, masters: int) -> int:
        """Those of `masters` whose adverts `number` hears."""
        return 0 if self.deaf >> number & 1 else self.ballot.hears[number] & masters & ~self.mute

    def _yield(self, state: int) -> list[int]:
        if not state & (state - 1):
            return []  # a single master
        if self.ballot.grouped:
            groups = self.ballot.groups
            return [
                state & ~groups[number]
                for number in bits(state)
                if any(self._gives_way(number, other) for other in bits(self.heard(number, state)))
            ]
        kept = 0
        for number in sorted(bits(state), key=self._strength, reverse=True):
            rivals = [other for other in bits(self.heard(number, kept)) if self._gives_way(number, other)]
            if not rivals:
                kept |= 1 << number
            elif self._is_tie(number, rivals[0]) and self.heard(rivals[0], 1 << number):
                return [state & ~(1 << number), state & ~(1 << rivals[0])]
        return [] if kept == state else [kept]

    def _take_over(self, state: int) -> list[int]:
        nopreempt, priorities, groups = self.ballot.nopreempt, self.priorities, self.ballot.groups
        ready: dict[int, int] = {}
        held = 0
        for number in bits(self.alive & ~state):
            masters = self.heard(number, state)
            if masters and (
                nopreempt >> number & 1 or any(priorities[other] >= priorities[number] for other in bits(masters))
            ):
                held |= groups[number]
            else:
                # The last of a group to time out decides when it takes over.
                group = groups[number]
                ready[group] = min(priorities[number], ready.get(group, priorities[number]))
        ready = {group: priority for group, priority in ready.items() if not group & held}
        first = max(ready.values(), default=0)
        best = [group for group, priority in ready.items() if priority == first]
        if any(group & nopreempt for group in best):
            # It takes over from nobody: so who is hardly later may keep the addresses.
            best = [group for group, priority in ready.items() if priority >= first - self.ballot.margin]
        return [state | group for group in best]

    def _strength(self, number: int) -> tuple[int, int]:
        return self.priorities[number], self.addresses[number] or 0

    def _gives_way(self, number: int, other: int) -> bool:
        """Whether the master `number` yields to `other`, which it hears."""
        own, others = self.priorities[number], self.priorities[other]
        if own != others:
            return own < others
        address, rival = self.addresses[number], self.addresses[other]
        return address is None or rival is None or address < rival

    def _is_tie(self, number: int, other: int) -> bool:
        """Whether either may yield, since the addresses that decide are not known."""
        known = self.addresses[number] is not None and self.addresses[other] is not None
        return not known and self.priorities[number] == self.priorities[other]


def bits(mask: int) -> Iterator[int]:
    """The numbers in a mask."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def mask_of(numbers: Iterable[int]) -> int:
    """The mask of `numbers`."""
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask
