"""The VRRP election as far as the configuration tells: who holds the addresses, and who takes over when checks fail.

Sources: keepalived v2.2.7 keepalived/vrrp/vrrp_scheduler.c; the cases of tests/test_election.py, all measured:
a backup takes over from a holder that still advertises only with a strictly higher priority and without nopreempt;
from a holder in FAULT state the one with the highest priority does, nopreempt or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.keepalived.tracking import MAX_WEIGHT
from halint.models.keepalived.vrrp import OWNER_PRIORITY

if TYPE_CHECKING:
    from halint.models.keepalived.tracking import Tracked
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.virtual_router import Member, VirtualRouter


class Outcome:
    """What becomes of the addresses of a holder.

    priority: what it goes on advertising; None in FAULT state, where it gives the addresses up. best: of the other
    live members the one with the highest priority. held_back: those whose priority is higher than the
    holder's, and who do not take over since they have nopreempt. successors: those that do take over, if several
    then the one with the highest priority in the end.
    """

    __slots__ = ("best", "held_back", "priority", "successors")

    def __init__(self, holder: Member, others: list[Member], failing: list[Tracked]) -> None:
        self.best = max(others, key=_healthy)
        self.held_back: list[Member] = []
        if faulty(holder.instance, failing):
            self.priority = None
            self.successors = others
            return
        self.priority = holder.instance.priority_with(failing)
        higher = [other for other in others if _healthy(other) > self.priority]
        self.successors = [other for other in higher if not other.instance.nopreempt.value]
        if not self.successors:
            self.held_back = higher

    @property
    def moves(self) -> bool:
        """Whether another member takes the addresses over."""
        return bool(self.successors)


def holders(router: VirtualRouter) -> list[Member]:
    """The members that may hold the addresses while all is well: several where the first to start does, at equal
    priority or where those with a higher one have nopreempt."""
    live = _live(router)
    preempting = max((_healthy(member) for member in live if not member.instance.nopreempt.value), default=0)
    return [member for member in live if _healthy(member) >= preempting]


def outcome(router: VirtualRouter, holder: Member, failing: list[Tracked]) -> Outcome:
    """What happens when the checks `failing` fail on `holder`, one of several live members, and none elsewhere."""
    return Outcome(holder, [member for member in _live(router) if member is not holder], failing)


def predictable(router: VirtualRouter) -> bool:
    """Whether the addresses can move at all, and every member's priority is known: none is partial, or tracks a
    file whose number adds to it."""
    return len(_live(router)) > 1 and all(
        member.instance.complete
        and not (member.node.keepalived and member.node.keepalived.missing_includes)
        and not any(check.kind == "file" and check.weight for check in member.instance.checks)
        for member in router.members
    )


def faulty(instance: VrrpInstance, failing: list[Tracked]) -> bool:
    """Whether the instance is in FAULT state: a check without weight fails, or succeeds where it is reversed."""
    return any(not check.weight and (check in failing) != check.reverse for check in instance.checks)


def sufficient_weight(router: VirtualRouter, holder: Member, check: Tracked) -> int | None:
    """The smallest negative weight that, given to `check` wherever the same one is tracked with the same weight,
    makes its failure on `holder` move the addresses; None where no weight does."""

    if holder.instance.priority.value == OWNER_PRIORITY:
        return None

    others = [
        other.instance.priority_with([], same_checks(other.instance, check))
        for other in _live(router)
        if other is not holder
    ]
    best = max(others)
    weight = best - 1 - holder.instance.total([], [check])
    return weight if best > 1 and -MAX_WEIGHT <= weight < 0 else None


def same_checks(instance: VrrpInstance, check: Tracked) -> list[Tracked]:
    """The checks of `instance` of the kind, name and weight of `check`: what is meant to be the same everywhere."""
    key = (check.kind, check.name, check.weight, check.reverse)
    return [mine for mine in instance.checks if (mine.kind, mine.name, mine.weight, mine.reverse) == key]


def _live(router: VirtualRouter) -> list[Member]:
    return [member for member in router.members if not faulty(member.instance, [])]


def _healthy(member: Member) -> int:
    return member.instance.healthy_priority
