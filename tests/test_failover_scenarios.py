"""What becomes of small clusters, each worked out by hand; the measured facts of keepalived 2.2.7 among them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest

from halint.cluster import Cluster
from halint.failover import Analysis, Event, analyse
from halint.node import Node
from halint.source import Source
from halint.targets import Targets

KEEPALIVED, HAPROXY = "/etc/keepalived/keepalived.conf", "/etc/haproxy/haproxy.cfg"
SERVES = "frontend web\n  bind *:80\n  default_backend app\nbackend app\n  server a 198.51.100.1:80\n"
HAPROXY_CHECK = '"/usr/bin/pgrep -x haproxy"'


@dataclass
class Side:
    """One node: its priority, the lines of its instance, its scripts as NAME: what stands in them, what it tracks."""

    priority: int
    extra: str = ""
    track: tuple[str, ...] = ()
    scripts: dict[str, str] = field(default_factory=lambda: {"chk": HAPROXY_CHECK})
    vips: tuple[str, ...] = ("192.0.2.10/24",)
    vrid: int = 51
    haproxy: str | None = SERVES
    more: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        scripts = "".join(f"vrrp_script {name} {{\n script {command}\n}}\n" for name, command in self.scripts.items())
        tracked = "".join(f"  {line}\n" for line in self.track)
        listed = "".join(f"  {vip}\n" for vip in self.vips)
        return (
            f"{scripts}vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id {self.vrid}\n"
            f" priority {self.priority}\n {self.extra}\n virtual_ipaddress {{\n{listed} }}\n"
            f" track_script {{\n{tracked} }}\n}}\n{self.more}"
        )


def analysed(*sides: Side) -> Analysis:
    nodes = []
    for number, side in enumerate(sides, 1):
        files = {KEEPALIVED: Source(f"lb{number}{KEEPALIVED}", side.text(), format="keepalived")}
        if side.haproxy is not None:
            files[HAPROXY] = Source(f"lb{number}{HAPROXY}", side.haproxy, format="haproxy")
        for path, text in side.files.items():
            files[path] = Source(f"lb{number}{path}", text, format="text")
        nodes.append(Node(f"lb{number}", "/", files, Targets()))
    return analyse(Cluster("test", nodes))


def told(analysis: Analysis, events: str, vip: str = "192.0.2.10") -> str:
    """Holders and verdict after some events: `lb1 or lb2: nondeterministic`."""
    scenario = analysis.find(events)
    held = dict.fromkeys("+".join(outcome[vip]) or "nobody" for outcome in scenario.outcomes)
    return f"{' or '.join(held)}: {scenario.verdicts[vip]}"


FAULT = ("chk",)
GROUP = "vrrp_sync_group G {{\n group {{\n  VI_1\n  VI_2\n }}\n{} }}\n"


def second(priority: int, extra: str = "") -> str:
    """Another instance of the node."""
    return (
        f"vrrp_instance VI_2 {{\n interface eth1\n virtual_router_id 52\n priority {priority}\n {extra}\n"
        " virtual_ipaddress {\n  192.0.2.20\n }\n}\n"
    )


AH = "authentication {\nauth_type AH\nauth_pass s3cret\n}"
PAIR = (Side(150, track=FAULT), Side(100, track=FAULT))
CASES: list[tuple[str, tuple[Side, ...], dict[str, str]]] = [
    (
        "a healthy pair",
        PAIR,
        {
            "initial": "lb1: ok",
            "node-down:lb1": "lb2: ok",
            "node-up:lb1": "lb1: ok",
            "node-down:lb2": "lb1: ok",
            "service-down:lb1": "lb2: ok",
            "service-down:lb2": "lb1: ok",
            "link-down:lb1": "lb2: ok",
            "vrrp-blocked:lb1:in": "lb1: ok",
            "vrrp-blocked:lb1:out": "lb1+lb2: split-brain",
            "vrrp-blocked:lb2:in": "lb1+lb2: split-brain",
            "vrrp-blocked:lb2:out": "lb1: ok",
            "vrrp-blocked:lb2": "lb1+lb2: split-brain",
            "node-down:lb1 + node-down:lb2": "nobody: no-holder",
            "service-down:lb1 + service-down:lb2": "nobody: no-holder",
            "service-down:lb1 + node-down:lb2": "nobody: no-holder",
            "vrrp-blocked:lb2 + node-down:lb1": "lb2: ok",
        },
    ),
    (
        "AH, whose numbers begin anew when a node comes back",
        (Side(150, AH), Side(100, AH)),
        {"initial": "lb1: ok", "node-up:lb1": "lb1 or lb1+lb2: split-brain", "node-up:lb2": "lb1: ok"},
    ),
    (
        "no check of haproxy",
        (Side(150), Side(100)),
        {"service-down:lb1": "lb1: stale-holder", "service-down:lb2": "lb1: ok", "node-down:lb1": "lb2: ok"},
    ),
    (
        "a weight that is too small",
        (Side(101, track=("chk weight -20",)), Side(80, track=("chk weight -20",))),
        {"service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "a tie: the master keeps it, with the lower address, too",
        (Side(150, track=("chk weight -50",)), Side(100, track=("chk weight -50",))),
        {"service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "a weight that suffices",
        (Side(150, track=("chk weight -51",)), Side(100, track=("chk weight -51",))),
        {
            "service-down:lb1": "lb2: ok",
            "service-down:lb1 + service-down:lb2": "lb1: stale-holder",
            "node-up:lb2": "lb1: ok",
        },
    ),
    (
        "a positive weight on one node only",
        (Side(110, track=("chk weight 20",)), Side(100)),
        {"initial": "lb1: ok", "service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "a positive weight on both",
        (Side(101, track=("chk weight 2",)), Side(100, track=("chk weight 2",))),
        {"service-down:lb1": "lb2: ok"},
    ),
    (
        "equal priorities: who is first keeps it, and takes it back from nobody",
        (Side(100, track=FAULT), Side(100, track=FAULT)),
        {
            "initial": "lb1 or lb2: nondeterministic",
            "node-up:lb1": "lb2: ok",
            "service-down:lb1": "lb2: ok",
            "link-down:lb2": "lb1: ok",
        },
    ),
    (
        "state says nothing",
        (Side(100, "state MASTER"), Side(150, "state BACKUP")),
        {"initial": "lb2: ok", "node-up:lb2": "lb2: ok"},
    ),
    (
        "nopreempt is cleared by state MASTER",
        (Side(150, "state MASTER\n nopreempt"), Side(100)),
        {"initial": "lb1: ok", "node-up:lb1": "lb1: ok"},
    ),
    (
        "nopreempt, and a check without weight",
        (Side(150, "nopreempt", FAULT), Side(100, "nopreempt", FAULT)),
        {"initial": "lb1 or lb2: nondeterministic", "node-up:lb1": "lb2: ok", "service-down:lb1": "lb2: ok"},
    ),
    (
        "nopreempt, and a check with a weight",
        (Side(150, "", ("chk weight -60",)), Side(100, "nopreempt", ("chk weight -60",))),
        {"initial": "lb1: ok", "service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "three nodes, and the next has nopreempt",
        (Side(150, "", ("chk weight -60",)), Side(100, "nopreempt"), Side(95)),
        {"service-down:lb1": "lb3: ok", "node-down:lb1": "lb2 or lb3: nondeterministic"},
    ),
    (
        "three nodes, and the next two are equal",
        (Side(150, "", FAULT), Side(100, "", FAULT), Side(100, "", FAULT)),
        {
            "initial": "lb1: ok",
            "service-down:lb1": "lb2 or lb3: nondeterministic",
            "service-down:lb1 + node-down:lb2": "lb3: ok",
        },
    ),
    (
        "another virtual_router_id",
        (Side(150, "", FAULT), Side(100, "", FAULT, vrid=15)),
        {"initial": "lb1+lb2: split-brain", "node-down:lb1": "lb2: ok", "service-down:lb1": "lb2: ok"},
    ),
    (
        "advert_int differs in version 2, decimals are rounded",
        (Side(150, "advert_int 1.4"), Side(100, "advert_int 2")),
        {"initial": "lb1+lb2: split-brain"},
    ),
    (
        "advert_int differs in version 3, and so does the password",
        (
            Side(150, "version 3\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass a\n }"),
            Side(100, "version 3\n advert_int 3\n authentication {\n auth_type PASS\n auth_pass b\n }"),
        ),
        {"initial": "lb1: ok"},
    ),
    (
        "eight characters of the password count",
        (
            Side(150, "authentication {\n auth_type PASS\n auth_pass 123456789\n }"),
            Side(100, "authentication {\n auth_type PASS\n auth_pass 12345678\n }"),
        ),
        {"initial": "lb1: ok"},
    ),
    (
        "another password",
        (
            Side(150, "authentication {\n auth_type PASS\n auth_pass one\n }"),
            Side(100, "authentication {\n auth_type PASS\n auth_pass two\n }"),
        ),
        {"initial": "lb1+lb2: split-brain"},
    ),
    (
        "one address more on a node",
        (Side(150, vips=("192.0.2.10", "192.0.2.11")), Side(100)),
        {"initial": "lb1+lb2: split-brain"},
    ),
    (
        "the order and the length of the prefix do not matter",
        (Side(150, vips=("192.0.2.10/24", "192.0.2.11")), Side(100, vips=("192.0.2.11/24", "192.0.2.10"))),
        {"initial": "lb1: ok"},
    ),
    (
        "unicast on one side",
        (Side(150, "unicast_src_ip 192.0.2.1\n unicast_peer {\n 192.0.2.2\n }"), Side(100)),
        {"initial": "lb1+lb2: split-brain"},
    ),
    (
        "the master has the wrong peer",
        (
            Side(150, "unicast_src_ip 192.0.2.1\n unicast_peer {\n 192.0.2.9\n }"),
            Side(100, "unicast_src_ip 192.0.2.2\n unicast_peer {\n 192.0.2.1\n }"),
        ),
        {"initial": "lb1+lb2: split-brain"},
    ),
    (
        "the backup has the wrong peer: latent",
        (
            Side(150, "unicast_src_ip 192.0.2.1\n unicast_peer {\n 192.0.2.2\n }", ("chk weight -60",)),
            Side(100, "unicast_src_ip 192.0.2.2\n unicast_peer {\n 192.0.2.9\n }"),
        ),
        {"initial": "lb1: ok", "node-up:lb1": "lb1: ok", "service-down:lb1": "lb1+lb2: split-brain"},
    ),
    (
        "the virtual address as source: nobody has it to begin with",
        (
            Side(150, "unicast_src_ip 192.0.2.10\n unicast_peer {\n 192.0.2.2\n }"),
            Side(100, "unicast_src_ip 192.0.2.2\n unicast_peer {\n 192.0.2.10\n }"),
        ),
        {"initial": "lb2: ok", "node-down:lb2": "nobody: no-holder"},
    ),
    (
        "a check of senders that does not list the other",
        (
            Side(150, "unicast_src_ip 192.0.2.1\n check_unicast_src\n unicast_peer {\n 192.0.2.2\n }"),
            Side(100, "unicast_src_ip 192.0.2.2\n check_unicast_src\n unicast_peer {\n 192.0.2.1\n 192.0.2.9\n }"),
            Side(90, "unicast_src_ip 192.0.2.9\n unicast_peer {\n 192.0.2.1\n 192.0.2.2\n }"),
        ),
        {"initial": "lb1+lb3: split-brain", "node-down:lb1": "lb2: ok"},
    ),
    (
        "another multicast group",
        (Side(150, "mcast_dst_ip 224.0.0.19"), Side(100)),
        {"initial": "lb1+lb2: split-brain"},
    ),
    (
        "an address owner: weights do not count",
        (Side(255, "state MASTER", ("chk weight -200",)), Side(100)),
        {"initial": "lb1: ok", "service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "a script that always fails",
        (Side(150, "", FAULT, {"chk": "/usr/bin/pgrep -x haproxy"}), Side(100)),
        {"initial": "lb2: ok", "service-down:lb2": "lb2: stale-holder", "node-down:lb2": "nobody: no-holder"},
    ),
    (
        "a script that always succeeds",
        (Side(150, "", FAULT, {"chk": "/bin/true"}), Side(100)),
        {"initial": "lb1: ok", "service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "a script whose user does not exist is dropped",
        (
            Side(
                150, "", FAULT, {"chk": HAPROXY_CHECK + "\n user nosuch"},
                files={"/etc/passwd": "root:x:0:0::/root:/bin/sh\n"},
            ),
            Side(100),
        ),
        {"initial": "lb1: ok", "service-down:lb1": "lb1: stale-holder"},
    ),
    (
        "a script that stops keepalived, with too small a weight",
        (
            Side(
                150, "", ("chk weight -10",), {"chk": "/etc/keepalived/check.sh"},
                files={"/etc/keepalived/check.sh": "#!/bin/sh\npgrep haproxy || systemctl stop keepalived\n"},
            ),
            Side(100),
        ),
        {"service-down:lb1": "lb2: ok"},
    ),
    (
        "a script that is not in the input is taken for a check of haproxy",
        (Side(150, "", FAULT, {"chk": "/usr/local/bin/check"}), Side(100)),
        {"service-down:lb1": "lb2: ok", "check-failed:lb1:chk": "lb2: ok"},
    ),
    (
        "a check of something else",
        (Side(150, "", FAULT, {"chk": '"/usr/bin/pgrep -x nginx"'}), Side(100)),
        {"service-down:lb1": "lb1: stale-holder", "check-failed:lb1:chk": "lb2: ok"},
    ),
    (
        "a sync group: one member's fault is that of all",
        (
            Side(150, "", FAULT, more=second(150) + GROUP.format("")),
            Side(100, "", FAULT, more=second(100) + GROUP.format("")),
        ),
        {"initial": "lb1: ok", "service-down:lb1": "lb2: ok", "link-down:lb1:eth1": "lb2: ok"},
    ),
    (
        "a sync group with priorities crosswise: who is first keeps both",
        (Side(150, more=second(100) + GROUP.format("")), Side(100, more=second(150) + GROUP.format(""))),
        {"initial": "lb1 or lb2: nondeterministic", "node-up:lb1": "lb2: ok"},
    ),
    (
        "priorities crosswise, and a sync group on one node: the other holds both",
        (Side(150, more=second(100) + GROUP.format("")), Side(100, more=second(150))),
        {"initial": "lb2: ok", "node-down:lb2": "lb1: ok", "node-up:lb1": "lb2: ok"},
    ),
    (
        "two address owners: the last to start takes over",
        (Side(255, "state MASTER"), Side(255, "state MASTER")),
        {"initial": "lb1 or lb2: nondeterministic", "node-up:lb1": "lb1: ok", "node-up:lb2": "lb2: ok"},
    ),
    (
        "without the group the other instance alone moves",
        (Side(150, "", FAULT, more=second(150)), Side(100, "", FAULT, more=second(100))),
        {"service-down:lb1": "lb2: ok", "link-down:lb1:eth1": "lb1: ok"},
    ),
    (
        "dont_track_primary",
        (Side(150, "dont_track_primary"), Side(100)),
        {"link-down:lb1": "lb1+lb2: ok", "link-down:lb1 + node-down:lb2": "lb1: stale-holder"},
    ),
    (
        "an interface with a weight",
        (Side(150, "track_interface {\n eth1 weight -60\n }"), Side(100)),
        {"link-down:lb1:eth1": "lb2: ok", "link-down:lb1:eth0": "lb2: ok"},
    ),
    (
        "VRRP does not start on a node",
        (Side(150, more=second(150).replace("eth1", "eth0").replace("52", "51")), Side(100)),
        {"initial": "lb2: ok", "node-down:lb2": "nobody: no-holder"},
    ),
    ("a node alone", (Side(100, "", FAULT),), {"initial": "lb1: ok", "service-down:lb1": "nobody: no-holder"}),
    (
        "what haproxy does not serve goes on without it",
        (Side(150, haproxy="frontend f\n  bind 198.51.100.9:80\n"), Side(100)),
        {"node-down:lb1": "lb2: ok"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sides", "events", "expected"),
    [(sides, events, expected) for _, sides, rows in CASES for events, expected in rows.items()],
    ids=[f"{name}: {events}" for name, _, rows in CASES for events in rows],
)
def test_by_hand(sides: tuple[Side, ...], events: str, expected: str) -> None:
    assert told(analysed(*sides), events) == expected


@pytest.mark.parametrize("sides", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_pairs_are_what_they_are_alone(sides: tuple[Side, ...]) -> None:
    """What is said of every two events without going through the election is what going through it says."""
    analysis = analyse(analysed(*sides).cluster, pairs=True)
    assert analysis.pairs or len(analysis.singles) < 2
    for scenario in analysis.pairs:
        afresh = [course.result(scenario.events).grades for course in analysis.courses]
        assert [grades.outcomes for grades in scenario.grades] == [grades.outcomes for grades in afresh]
        assert [grades.verdicts for grades in scenario.grades] == [grades.verdicts for grades in afresh]
        swapped = analysis.scenario(*scenario.events[::-1])
        assert (swapped.outcomes, swapped.verdict) == (scenario.outcomes, scenario.verdict)


@pytest.mark.parametrize("sides", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_every_scenario_has_a_reason(sides: tuple[Side, ...]) -> None:
    analysis = analyse(analysed(*sides).cluster, pairs=True)
    for scenario in analysis.scenarios:
        assert scenario.reason
        assert "\n" not in scenario.reason


@pytest.mark.parametrize(
    ("name", "events", "reason"),
    [
        ("a weight that is too small", "service-down:lb1", "101-20 = 81 is not below 80"),
        ("a weight that suffices", "service-down:lb1", "150-51 = 99 is below 100 of lb2, which takes over"),
        ("no check of haproxy", "service-down:lb1", "nothing that lb1 tracks looks at haproxy"),
        (
            "a healthy pair",
            "service-down:lb1",
            "lb1 is in FAULT state, since chk has no weight; lb2 takes over with 100",
        ),
        (
            "a healthy pair",
            "node-down:lb1 + node-down:lb2",
            "nobody is left: keepalived on lb1 is down, ",
        ),
        ("another virtual_router_id", "initial", "does not hear lb1: virtual_router_id differs: 15 on lb2, 51 on lb1"),
        (
            "a script whose user does not exist is dropped",
            "service-down:lb1",
            "keepalived on lb1 ignores chk, since there is no account nosuch",
        ),
        (
            "nopreempt, and a check with a weight",
            "service-down:lb1",
            "150-60 = 90 is below 100, but with nopreempt lb2 does not take over",
        ),
        (
            "an address owner: weights do not count",
            "service-down:lb1",
            "keepalived on lb1 ignores chk, since weights of scripts do not count for an address",
        ),
    ],
)
def test_reasons(name: str, events: str, reason: str) -> None:
    (sides,) = (case[1] for case in CASES if case[0] == name)
    assert reason in analysed(*sides).find(events).reason


@pytest.mark.parametrize(
    ("sides", "left_out"),
    [
        ((Side(150, "include more.conf"), Side(100)), "VI_1 of lb1 could not be read completely"),
        ((Side(150, more="include more.conf\n"), Side(100)), "files that keepalived.conf of lb1 includes are not in"),
        ((Side(150, "track_file {\n f\n }", more=""), Side(100)), None),
        (
            (
                Side(150, "unicast_src_ip 192.0.2.1\n unicast_peer {\n 192.0.2.2\n }"),
                Side(100, "unicast_src_ip 192.0.2.1\n unicast_peer {\n 192.0.2.2\n }"),
            ),
            "nobody can tell which of lb1, lb2 has 192.0.2.1",
        ),
    ],
    ids=["an include inside", "an include beside", "a file that is not defined", "one address twice"],
)
def test_what_is_not_known_is_left_out(sides: tuple[Side, ...], left_out: str | None) -> None:
    analysis = analysed(*sides)
    if left_out is None:
        assert not analysis.left_out
        assert analysis.instances
    else:
        assert not analysis.instances
        assert left_out in analysis.left_out[0]


def test_what_is_assumed_is_said() -> None:
    analysis = analysed(Side(150, "", FAULT, {"chk": "/usr/local/bin/check"}), Side(100))
    assert "chk on lb1 fails when haproxy dies there" in analysis.assumptions
    assert "chk on lb1 does not stop keepalived itself" in analysis.assumptions


def test_events_of_a_node() -> None:
    analysis = analysed(Side(150, "", FAULT, {"chk": "/usr/local/bin/check"}), Side(100, haproxy=None))
    assert [str(event) for event in analysis.facts.events if event.node == "lb1"] == [
        "node-down:lb1",
        "node-up:lb1",
        "service-down:lb1",
        "check-failed:lb1:chk",
        "link-down:lb1",
        "vrrp-blocked:lb1:in",
        "vrrp-blocked:lb1:out",
        "vrrp-blocked:lb1",
    ]
    assert "service-down:lb2" not in map(str, analysis.facts.events)


@pytest.mark.parametrize("sides", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_every_event_is_found_by_its_name(sides: tuple[Side, ...]) -> None:
    analysis = analysed(*sides)
    for scenario in analysis.singles:
        assert Event.parse(scenario.name) == scenario.events[0]
        assert analysis.find(scenario.name).outcomes == scenario.outcomes


@pytest.mark.parametrize(
    "text",
    ["", "x", "node-down", "node-down:", "node-down:lb1:x", "check-failed:lb1", "vrrp-blocked:lb1:up", "node-down:lb9",
     "check-failed:lb1:nothing", "link-down:lb1:eth9", "node-down:lb1 + node-down:lb2 + node-up:lb1"],
)  # fmt: skip
def test_events_that_are_none(text: str) -> None:
    analysis = analysed(*PAIR)
    with pytest.raises(ValueError, match=r"\w"):
        analysis.find(text)


def test_outcomes_of_many_contests_are_not_multiplied_for_ever() -> None:
    more = "".join(
        second(100).replace("VI_2", f"X{n}").replace("52", str(n)).replace("192.0.2.20", f"192.0.2.{n}")
        for n in range(100, 120)
    )
    analysis = analysed(Side(100, more=more), Side(100, more=more))
    outcomes = analysis.initial.outcomes
    assert len(outcomes) <= 64
    for vip, node in itertools.product(outcomes[0], ("lb1", "lb2")):
        assert any(outcome[vip] == (node,) for outcome in outcomes)
