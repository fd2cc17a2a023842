"""Which instances of the nodes belong together, who leads, and where a node's adverts come from."""

from __future__ import annotations

import pytest

from halint.cluster.virtual_router import VirtualRouter, across_families, pair, sync_groups
from halint.failover import hearing
from halint.models.keepalived import MAIN
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets


def instance(name: str, vrid: int | None, *vips: str, body: str = "") -> str:
    vrid_line = "" if vrid is None else f"virtual_router_id {vrid}\n"
    lines = "\n".join(vips)
    return f"vrrp_instance {name} {{\ninterface eth0\n{vrid_line}{body}\nvirtual_ipaddress {{\n{lines}\n}}\n}}\n"


def node(name: str, *instances: str, **others: str) -> Node:
    files = {MAIN: "".join(instances)} | {f"/etc/sysconfig/network-scripts/{k}": v for k, v in others.items()}
    return Node(name, None, {p: Source(name + p, t, format=formats.of_path(p)) for p, t in files.items()}, Targets())


def named(routers: list[VirtualRouter]) -> list[str]:
    """Each router as `NODE.INSTANCE` of its members."""
    return [" ".join(f"{m.node.name}.{m.instance.name}" for m in router.members) for router in routers]


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param(
            [
                [instance("VI_1", 51, "192.0.2.10"), instance("VI_2", 52, "192.0.2.11")],
                [instance("VI_1", 52, "192.0.2.11"), instance("VI_2", 51, "192.0.2.10")],
            ],
            ["a.VI_1 b.VI_2", "a.VI_2 b.VI_1"],
            id="names crosswise",
        ),
        pytest.param(
            [[instance("VI_1", 51, "192.0.2.10")], [instance("web", 52, "192.0.2.10/24")]],
            ["a.VI_1 b.web"],
            id="by address, though VRID and name differ",
        ),
        pytest.param(
            [
                [instance("X", 51, "192.0.2.10"), instance("Y", 52, "192.0.2.11")],
                [instance("P", 52, "192.0.2.10"), instance("Q", 51, "192.0.2.11")],
            ],
            ["a.X b.P", "a.Y b.Q"],
            id="by address, though the VRIDs are crosswise",
        ),
        pytest.param(
            [[instance("X", 51, "192.0.2.10")], [instance("Y", 51, "192.0.2.99")]],
            ["a.X b.Y"],
            id="by VRID, where no address is shared",
        ),
        pytest.param(
            [[instance("X", 51, "192.0.2.10")], [instance("X", 52, "192.0.2.99")]],
            ["a.X b.X"],
            id="by name, where nothing else is shared",
        ),
        pytest.param(
            [[instance("X", 51, "192.0.2.10")], [instance("Y", 52, "192.0.2.99")]],
            ["a.X", "b.Y"],
            id="nothing shared",
        ),
        pytest.param(
            [
                [instance("V4", 51, "192.0.2.10"), instance("V6", 51, "fe80::10")],
                [instance("V6", 51, "fe80::10"), instance("V4", 51, "192.0.2.10")],
            ],
            ["a.V4 b.V4", "a.V6 b.V6"],
            id="IPv4 and IPv6 with one VRID",
        ),
        pytest.param(
            [[instance("V4", 51, "192.0.2.10")], [instance("V6", 51, "fe80::10")]],
            ["a.V4", "b.V6"],
            id="IPv4 and IPv6 are not one router",
        ),
        pytest.param(
            [[instance("X", 51, "192.0.2.10")], [instance("X", 51, "192.0.2.10")], [instance("X", 51, "192.0.2.10")]],
            ["a.X b.X c.X"],
            id="three nodes",
        ),
        pytest.param(
            [
                [instance("X", 51, "192.0.2.10")],
                [instance("X", 51, "192.0.2.10", "192.0.2.11")],
                [instance("X", 51, "192.0.2.11")],
            ],
            ["a.X b.X c.X"],
            id="three nodes in a chain of addresses",
        ),
        pytest.param(
            [[instance("X", 51, "192.0.2.10")], [instance("X", 51, "192.0.2.10")], [instance("X", 51, "192.0.2.99")]],
            ["a.X b.X c.X"],
            id="the third by VRID",
        ),
        pytest.param(
            [[instance("X", 51, "192.0.2.10"), instance("Y", 52, "192.0.2.10")], [instance("X", 51, "192.0.2.10")]],
            ["a.X b.X", "a.Y"],
            id="at most one instance of a node",
        ),
        pytest.param(
            [
                [instance("A", 51, "192.0.2.10")],
                [instance("A", 51, "192.0.2.10")],
                [instance("A", 61, "198.51.100.10")],
                [instance("A", 61, "198.51.100.10")],
            ],
            ["a.A b.A", "c.A d.A"],
            id="two clusters whose instances have one name",
        ),
        pytest.param(
            [[instance("X", None, "192.0.2.10 label eth0:1234567890123")], [instance("X", None, "192.0.2.10")]],
            ["a.X b.X"],
            id="an address that keepalived drops",
        ),
    ],
)
def test_pairing(nodes: list[list[str]], expected: list[str]) -> None:
    assert named(pair([node(name, *instances) for name, instances in zip("abcd", nodes, strict=False)])) == expected


def test_a_node_without_keepalived_has_no_part() -> None:
    bare = Node("b", None, {}, Targets())
    assert named(pair([node("a", instance("X", 51, "192.0.2.10")), bare])) == ["a.X"]


CHECK = 'vrrp_script chk {\nscript "/bin/true"\nweight %d\n}\n'
TRACK = "track_script {\nchk\n}"


@pytest.mark.parametrize(
    ("first", "second", "ranked"),
    [
        (instance("X", 51, "192.0.2.10", body="priority 90"), instance("X", 51, "192.0.2.10"), "b a"),
        (instance("X", 51, "192.0.2.10"), instance("X", 51, "192.0.2.10", body="state MASTER\npriority 100"), "b a"),
        (
            CHECK % 20 + instance("X", 51, "192.0.2.10", body=f"priority 90\n{TRACK}"),
            instance("X", 51, "192.0.2.10"),
            "a b",
        ),
        (
            CHECK % -20 + instance("X", 51, "192.0.2.10", body=f"priority 101\n{TRACK}"),
            instance("X", 51, "192.0.2.10"),
            "a b",
        ),
    ],
)
def test_ranked_by_priority_while_all_is_well(first: str, second: str, ranked: str) -> None:
    (router,) = pair([node("a", first), node("b", second)])
    assert " ".join(member.node.name for member in router.ranked) == ranked


IFCFG = "DEVICE=eth0\nIPADDR=192.0.2.1\nPREFIX=24\nIPADDR1=192.0.2.10\n"


@pytest.mark.parametrize(
    ("body", "ifcfg", "source"),
    [
        ("unicast_src_ip 192.0.2.5/24", IFCFG, "192.0.2.5"),
        ("", IFCFG, "192.0.2.1"),
        ("", "", None),
        ("", IFCFG.replace("eth0", "eth1"), None),
        ("unicast_src_ip lb1.example", IFCFG, None),
        ("", "DEVICE=eth0\nIPADDR=192.0.2.10\nIPADDR1=192.0.2.2\n", "192.0.2.2"),
    ],
)
def test_source_of_the_adverts(body: str, ifcfg: str, source: str | None) -> None:
    (router,) = pair(
        [node("a", instance("X", 51, "192.0.2.10", body=body), **({"ifcfg-eth0": ifcfg} if ifcfg else {}))]
    )
    assert router.members[0].source == source


def test_names_of_many_addresses() -> None:
    (router,) = pair([node("a", instance("X", 51, "192.0.2.11", "192.0.2.10", "192.0.2.12"))])
    assert router.name == "192.0.2.10 (and 2 more)"


def test_who_sends_to_another_group_is_not_heard() -> None:
    nodes = [
        node("a", instance("X", 51, "192.0.2.10")),
        node("b", instance("X", 51, "192.0.2.10", body="mcast_dst_ip 224.0.0.18")),
        node("c", instance("X", 51, "192.0.2.10", body="mcast_dst_ip 224.0.0.19")),
    ]
    first, same, other = pair(nodes)[0].members
    assert hearing.agree(first, same)
    assert not hearing.agree(first, other)


def test_one_list_of_both_families_makes_two_virtual_routers() -> None:
    nodes = [
        node("a", instance("X", 51, "192.0.2.10", "2001:db8::10"), instance("Y", 52, "192.0.2.99")),
        node("b", instance("X", 51, "2001:db8::10", "192.0.2.10"), instance("Y", 52, "192.0.2.99")),
    ]
    routers = pair(nodes)
    assert sorted(named(routers)) == ["a.X", "a.Y b.Y", "b.X"]
    assert named([VirtualRouter(list(members)) for members in across_families(routers)]) == ["a.X b.X"]


def test_sync_groups_hold_what_is_together_on_every_node() -> None:
    group = "vrrp_sync_group {} {{\ngroup {{\nX\nY\nZ\n}}\n}}\n".format
    both = [instance("X", 51, "192.0.2.10"), instance("Y", 52, "192.0.2.11")]
    nodes = [
        node("a", group("one"), *both, instance("Z", 53, "192.0.2.12")),
        node("b", group("other"), *both, instance("Q", 54, "192.0.2.13")),
    ]
    assert [named(routers) for routers in sync_groups(pair(nodes))] == [["a.X b.X", "a.Y b.Y"]]


@pytest.mark.parametrize(
    ("first", "second", "preemptor"),
    [
        ("priority 150", "priority 100", "a"),
        ("priority 100", "priority 150", "b"),
        ("priority 150", "priority 150", None),
        ("priority 150\nnopreempt", "priority 100", None),
        ("priority 150", "priority 100\nnopreempt", "a"),
    ],
)
def test_preemptor(first: str, second: str, preemptor: str | None) -> None:
    bodies = {"a": first, "b": second}
    (router,) = pair([node(name, instance("X", 51, "192.0.2.10", body=body)) for name, body in bodies.items()])
    assert (router.preemptor.node.name if router.preemptor else None) == preemptor
