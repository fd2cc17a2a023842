"""The election against what was measured on keepalived 2.2.7, and its laws on clusters drawn at random."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint import election
from halint.models.keepalived.tracking import MAX_WEIGHT
from halint.node import Node
from halint.source import Source
from halint.targets import Targets
from halint.virtual_router import VirtualRouter, pair

KEEPALIVED = "/etc/keepalived/keepalived.conf"


@dataclass
class Side:
    """One node: priority, the checks as `NAME OPTIONS` that it tracks (their weight stands there), other lines."""

    priority: int
    checks: list[str] = field(default_factory=list)
    extra: str = ""
    group: str | None = None
    defaults: str = ""

    def text(self) -> str:
        names = sorted({check.split(" ")[0] for check in self.checks} | {"chk"})
        scripts = "".join(f'vrrp_script {name} {{\nscript "/bin/true"\n{self.defaults}\n}}\n' for name in names)
        tracked = "\n".join(self.checks)
        instance = (
            f"vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\npriority {self.priority}\n{self.extra}\n"
            f"virtual_ipaddress {{\n192.0.2.10\n}}\ntrack_script {{\n{tracked}\n}}\n}}\n"
        )
        if self.group is None:
            return scripts + instance
        return scripts + instance + f"vrrp_sync_group G {{\ngroup {{\nVI_1\n}}\n{self.group}\n}}\n"


def cluster(*sides: Side) -> VirtualRouter:
    nodes = []
    for number, side in enumerate(sides, 1):
        source = Source(KEEPALIVED, side.text(), format="keepalived")
        nodes.append(Node(f"lb{number}", None, {KEEPALIVED: source}, Targets()))
    (router,) = pair(nodes)
    return router


def after_failure(router: VirtualRouter) -> str | None:
    """Who holds the address once every check of the first node, the holder, fails; None where nobody does."""
    first = router.members[0]
    assert first in election.holders(router)
    outcome = election.outcome(router, first, first.instance.tracked)
    if outcome.moves:
        return max(outcome.successors, key=lambda member: member.instance.healthy_priority).node.name
    return None if outcome.priority is None else first.node.name


def one(weight: str) -> list[str]:
    return [f"chk weight {weight}"]


#: Measured, with these numbers or with others of the same order.
MEASURED = [
    ("a weight that is too small", (Side(150, one("-20")), Side(100, one("-20"))), "lb1"),
    ("a tie", (Side(150, one("-50")), Side(100, one("-50"))), "lb1"),
    ("one below", (Side(150, one("-51")), Side(100, one("-51"))), "lb2"),
    ("a weight that suffices", (Side(150, one("-60")), Side(100, one("-60"))), "lb2"),
    ("+2 at 103 and 100", (Side(103, one("2")), Side(100, one("2"))), "lb1"),
    ("+2 at 101 and 100", (Side(101, one("2")), Side(100, one("2"))), "lb2"),
    ("+20 at 110 and 100", (Side(110, one("20")), Side(100, one("20"))), "lb2"),
    ("+20 on one side", (Side(110, one("20")), Side(100)), "lb1"),
    ("no weight", (Side(150, ["chk"]), Side(100, ["chk"])), "lb2"),
    ("a weight of 0 on the line", (Side(150, one("0"), defaults="weight -5"), Side(100)), "lb2"),
    ("the line outranks the definition", (Side(150, one("-60"), defaults="weight -5"), Side(100)), "lb2"),
    ("a line out of range does not", (Side(150, one("-300"), defaults="weight -5"), Side(100)), "lb1"),
    ("a definition out of range is cut", (Side(150, ["chk"], defaults="weight -300"), Side(100)), "lb2"),
    ("below the floor", (Side(2, one("-200")), Side(1)), "lb1"),
    ("down to the floor", (Side(150, one("-200")), Side(2)), "lb2"),
    ("reversed, negative", (Side(150, one("-60 reverse")), Side(100)), "lb1"),
    ("reversed, positive", (Side(150, one("40 reverse")), Side(100)), "lb1"),
    ("reversed in the definition", (Side(150, ["chk"], defaults="weight -60 reverse"), Side(100)), "lb1"),
    ("an owner with a weight", (Side(255, one("-200")), Side(100)), "lb1"),
    ("an owner without", (Side(255, ["chk"]), Side(100)), "lb2"),
    ("in a sync group with a weight", (Side(150, one("-60"), group=""), Side(100)), "lb1"),
    ("in a sync group without", (Side(150, ["chk"], group=""), Side(100)), "lb2"),
    ("of the sync group", (Side(150, group="track_script {\nchk weight -60\n}"), Side(100)), "lb2"),
    ("weights in the group", (Side(150, one("-60"), group="sync_group_tracking_weight"), Side(100)), "lb2"),
    ("the old word for it", (Side(150, one("-60"), group="global_tracking"), Side(100)), "lb2"),
    ("twice", (Side(150, one("-30") * 2), Side(100)), "lb1"),
    ("two", (Side(150, [*one("-30"), "chk2 weight -30"]), Side(100)), "lb2"),
    ("an option that is none", (Side(150, ["chk wieght -60"]), Side(100)), "lb1"),
    ("an option without its value", (Side(150, ["chk weight"], defaults="weight -60"), Side(100)), "lb1"),
    ("nopreempt", (Side(150, one("-60")), Side(100, extra="nopreempt")), "lb1"),
    ("nopreempt, no weight", (Side(150, ["chk"], "nopreempt"), Side(100, extra="nopreempt")), "lb2"),
    ("nopreempt, cleared", (Side(150, one("-60")), Side(100, extra="nopreempt\nstate MASTER")), "lb2"),
    ("the second has nopreempt", (Side(150, one("-60")), Side(100, extra="nopreempt"), Side(95)), "lb3"),
    ("the third is too low", (Side(150, one("-60")), Side(100, extra="nopreempt"), Side(80)), "lb1"),
    ("three", (Side(150, one("-60")), Side(95), Side(100)), "lb3"),
]


@pytest.mark.parametrize(("sides", "holder"), [case[1:] for case in MEASURED], ids=[case[0] for case in MEASURED])
def test_measured(sides: tuple[Side, ...], holder: str) -> None:
    assert after_failure(cluster(*sides)) == holder


def test_a_check_that_is_reversed_without_a_weight_is_fault_while_it_succeeds() -> None:
    router = cluster(Side(150, ["chk weight 0 reverse"]), Side(100))
    assert [holder.node.name for holder in election.holders(router)] == ["lb2"]
    assert not election.predictable(router)


@pytest.mark.parametrize(
    ("sides", "holders"),
    [
        ((Side(100), Side(100), Side(90)), ["lb1", "lb2"]),
        ((Side(100, extra="nopreempt"), Side(90), Side(80)), ["lb1", "lb2"]),
        ((Side(100, extra="nopreempt\nstate MASTER"), Side(90)), ["lb1"]),
        ((Side(100), Side(90, extra="nopreempt")), ["lb1"]),
    ],
    ids=["equal priorities", "nopreempt", "nopreempt, cleared", "nopreempt on the lower one"],
)
def test_who_starts_first_may_hold(sides: tuple[Side, ...], holders: list[str]) -> None:
    assert [holder.node.name for holder in election.holders(cluster(*sides))] == holders


@pytest.mark.parametrize(
    ("first", "second", "predictable"),
    [
        (Side(150), Side(100), True),
        (Side(150, extra="include more.conf"), Side(100), False),
        (Side(150, extra="priority __PRIORITY__"), Side(100), False),
        (Side(150, defaults="}\ntrack_file f {", extra="track_file {\nf\n}"), Side(100), False),
        (Side(150, defaults="}\ntrack_file f {\nweight 0", extra="track_file {\nf\n}"), Side(100), True),
    ],
    ids=["known", "an include", "a placeholder", "a file", "a file without weight"],
)
def test_predictable(first: Side, second: Side, predictable: bool) -> None:
    assert election.predictable(cluster(first, second)) is predictable


WEIGHTS = st.integers(-MAX_WEIGHT, MAX_WEIGHT)
SIDES = st.builds(
    Side,
    st.integers(1, 254),
    st.lists(WEIGHTS, max_size=3).map(lambda found: [f"chk{n} weight {w}" for n, w in enumerate(found)]),
)


@given(st.lists(SIDES, min_size=2, max_size=4))
def test_a_failure_never_raises_the_priority(sides: list[Side]) -> None:
    router = cluster(*sides)
    for holder in election.holders(router):
        checks = holder.instance.checks
        one_by_one = [holder.instance.priority_with(checks[:count]) for count in range(len(checks) + 1)]
        assert one_by_one == sorted(one_by_one, reverse=True)
        assert all(1 <= priority <= 254 for priority in one_by_one)
        outcome = election.outcome(router, holder, checks)
        assert not (outcome.successors and outcome.held_back)
        if outcome.moves and outcome.priority is not None:
            assert outcome.priority < max(other.instance.healthy_priority for other in outcome.successors)


@given(st.integers(1, 254), st.integers(1, 254), WEIGHTS.filter(bool), st.booleans())
def test_a_sufficient_weight_is_the_smallest_that_suffices(first: int, second: int, weight: int, both: bool) -> None:
    def sides(number: int) -> tuple[Side, Side]:
        return Side(first, one(str(number))), Side(second, one(str(number)) if both else [])

    router = cluster(*sides(weight))
    holder = router.members[0]
    found = election.sufficient_weight(router, holder, holder.instance.checks[0])
    if found is None:
        assert first < second or second == 1 or first - second + 1 > MAX_WEIGHT
        return
    for number, moves in ((found, True), (found + 1, False)):
        if number:
            given = cluster(*sides(number))
            assert election.outcome(given, given.members[0], given.members[0].instance.checks).moves is moves
