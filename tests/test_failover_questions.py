"""What rules ask of the election, against what was measured on keepalived 2.2.7, and on clusters drawn at random."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint.cluster import Cluster
from halint.failover import questions
from halint.failover.questions import Race
from halint.models.keepalived.tracking import MAX_WEIGHT
from halint.node import Node
from halint.source import Source
from halint.targets import Targets

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


def race(*sides: Side) -> Race | None:
    """The only virtual router of nodes with these sides; None where it is no race."""
    nodes = []
    for number, side in enumerate(sides, 1):
        source = Source(KEEPALIVED, side.text(), format="keepalived")
        nodes.append(Node(f"lb{number}", None, {KEEPALIVED: source}, Targets()))
    return next(questions.races(Cluster("pair", nodes)), None)


def after_failure(*sides: Side) -> str:
    """Who holds the address once every check of the first node, the holder, fails."""
    found = race(*sides)
    assert found is not None
    first = found.live[0]
    assert first in found.holders
    fate = found.when(first, first.instance.tracked)
    return fate.takers[0].node.name if fate.moves else first.node.name


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
    assert after_failure(*sides) == holder


def test_a_check_that_is_reversed_without_a_weight_is_fault_while_it_succeeds() -> None:
    assert race(Side(150, ["chk weight 0 reverse"]), Side(100)) is None  # one member is no race
    found = race(Side(150, ["chk weight 0 reverse"]), Side(100), Side(90))
    assert found is not None
    assert [holder.node.name for holder in found.holders] == ["lb2"]


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
    found = race(*sides)
    assert found is not None
    assert [holder.node.name for holder in found.holders] == holders


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
    assert (race(first, second) is not None) is predictable


WEIGHTS = st.integers(-MAX_WEIGHT, MAX_WEIGHT)
SIDES = st.builds(
    Side,
    st.integers(1, 254),
    st.lists(WEIGHTS, max_size=3).map(lambda found: [f"chk{n} weight {w}" for n, w in enumerate(found)]),
)


@given(st.lists(SIDES, min_size=2, max_size=4))
def test_a_failure_never_raises_the_priority(sides: list[Side]) -> None:
    found = race(*sides)
    assert found is not None
    for holder in found.holders:
        checks = holder.instance.checks
        one_by_one = [holder.instance.priority_with(checks[:count]) for count in range(len(checks) + 1)]
        assert one_by_one == sorted(one_by_one, reverse=True)
        assert all(1 <= priority <= 254 for priority in one_by_one)
        fate = found.when(holder, checks)
        assert not (fate.moves and fate.held_back)
        assert fate.moves == (fate.priority is None or fate.priority < questions.healthy(fate.best))


@given(st.integers(1, 254), st.integers(1, 254), WEIGHTS.filter(bool), st.booleans())
def test_a_sufficient_weight_is_the_smallest_that_suffices(first: int, second: int, weight: int, both: bool) -> None:
    def given_weight(number: int) -> Race:
        found = race(Side(first, one(str(number))), Side(second, one(str(number)) if both else []))
        assert found is not None
        return found

    found = given_weight(weight)
    holder = found.live[0]
    sufficient = found.sufficient_weight(holder, holder.instance.checks[0])
    if sufficient is None:
        assert first < second or second == 1 or first - second + 1 > MAX_WEIGHT
        return
    for number, moves in ((sufficient, True), (sufficient + 1, False)):
        if number:
            other = given_weight(number)
            assert other.live[0] in other.holders
            assert other.when(other.live[0], other.live[0].instance.checks).moves is moves
