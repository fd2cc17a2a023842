"""Which clusters of a run meet on a segment: by halint.toml, by the networks of their interfaces, and when not."""

from __future__ import annotations

import pytest

from halint.cluster import Cluster
from halint.cluster.segment import Register
from halint.models.keepalived import MAIN
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets


def node(name: str, own: str = "", vip: str = "192.0.2.100/24", vrid: int = 51, extra: str = "") -> Node:
    """A node with one instance and, if given, an address on its interface."""
    files = {
        MAIN: f"vrrp_instance X {{\ninterface eth0\nvirtual_router_id {vrid}\n{extra}\n"
        f"virtual_ipaddress {{\n{vip}\n}}\n}}\n"
    }
    if own:
        address, _, length = own.partition("/")
        files["/etc/sysconfig/network-scripts/ifcfg-eth0"] = f"DEVICE=eth0\nIPADDR={address}\nPREFIX={length}\n"
    return Node(name, None, {p: Source(name + p, t, format=formats.of_path(p)) for p, t in files.items()}, Targets())


def run(*clusters: tuple[str, Node]) -> list[Cluster]:
    """Clusters of one node each, in the segments that are given with them."""
    made = [Cluster(node.name, [node]) for _, node in clusters]
    for cluster, (segment, _) in zip(made, clusters, strict=True):
        cluster.segment, cluster.beside = segment, made
    return made


def meets(cluster: Cluster) -> list[str]:
    """The clusters that have the same number where it is."""
    register = cluster.register
    return [use.cluster.name for router in cluster.virtual_routers for _, use in register.same_vrid(cluster, router)]


@pytest.mark.parametrize(
    ("first", "second", "met"),
    [
        pytest.param(("", node("a")), ("", node("b")), False, id="nothing is known"),
        pytest.param(("s", node("a")), ("s", node("b")), True, id="one segment, networks unknown"),
        pytest.param(("s", node("a", "192.0.2.1/24")), ("s", node("b")), True, id="one network unknown"),
        pytest.param(("s", node("a")), ("s", node("b", "192.0.2.1/24")), True, id="the other network unknown"),
        pytest.param(
            ("s", node("a", "192.0.2.1/24")), ("s", node("b", "192.0.2.2/24")), True, id="one segment, one network"
        ),
        pytest.param(
            ("s", node("a", "192.0.2.1/24")), ("s", node("b", "198.51.100.2/24")), False, id="other interfaces of it"
        ),
        pytest.param(("", node("a", "192.0.2.1/24")), ("", node("b", "192.0.2.2/24")), True, id="one network by facts"),
        pytest.param(
            ("", node("a", "192.0.2.1/24")), ("", node("b", "192.0.2.1/24")), False, id="the same host: a copy"
        ),
        pytest.param(
            ("", node("a", "192.0.2.1/24")), ("", node("b", "192.0.2.2/25")), False, id="networks of other lengths"
        ),
        pytest.param(("", node("a", "192.0.2.1/32")), ("", node("b", "192.0.2.1/32")), False, id="single addresses"),
        pytest.param(
            ("s", node("a", "192.0.2.1/24")), ("t", node("b", "192.0.2.2/24")), False, id="two segments by name"
        ),
        pytest.param(
            ("s", node("a", "192.0.2.1/24")), ("", node("b", "192.0.2.2/24")), True, id="one segment by name, by facts"
        ),
        pytest.param(("s", node("a")), ("s", node("b", vrid=52)), False, id="other numbers"),
        pytest.param(("s", node("a")), ("s", node("b", vip="2001:db8::1/64")), False, id="other families"),
        pytest.param(("s", node("a")), ("s", node("b", extra="mcast_dst_ip 224.0.0.9")), False, id="other groups"),
        pytest.param(
            ("s", node("a")), ("s", node("b", extra="unicast_peer {\n192.0.2.9\n}")), False, id="one by unicast"
        ),
    ],
)
def test_who_meets(first: tuple[str, Node], second: tuple[str, Node], met: bool) -> None:
    one, other = run(first, second)
    assert meets(one) == []
    assert meets(other) == (["a"] if met else [])


def test_link_local_addresses_are_everybodys() -> None:
    captured = "2: eth0    inet6 fe80::{}/64 scope link \\       valid_lft forever\n"
    nodes = [node("a"), node("b")]
    for number, one in enumerate(nodes, 1):
        path = "/sos_commands/networking/ip_-o_addr"
        one.files[path] = Source(one.name + path, captured.format(number), format="text")
    clusters = run(("", nodes[0]), ("", nodes[1]))
    assert meets(clusters[1]) == []


def test_numbers_are_given_once() -> None:
    clusters = run(*(("s", node(name, vrid=vrid)) for name, vrid in (("a", 254), ("b", 254), ("c", 254), ("d", 1))))
    register = clusters[0].register
    members = [cluster.virtual_routers[0].members[0] for cluster in clusters]
    found = [register.reserve_vrid(c, m) for c, m in zip(clusters[1:3], members[1:3], strict=True)]
    assert found == [255, 2]


def test_a_full_segment_has_no_number_left() -> None:
    clusters = run(*(("s", node(f"n{vrid}", vrid=vrid)) for vrid in range(1, 256)))
    member = clusters[0].virtual_routers[0].members[0]
    assert clusters[0].register.reserve_vrid(clusters[0], member) is None


def test_the_register_is_one_for_the_run() -> None:
    clusters = run(("s", node("a")), ("s", node("b")))
    assert isinstance(clusters[1].register, Register)
    assert clusters[0].register is clusters[1].register
