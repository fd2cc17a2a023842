"""Virtual servers as keepalived takes them: what is dropped, what is taken instead, and where that is said."""

from __future__ import annotations

import pytest

from halint.models.keepalived import virtual_server
from halint.readers import keepalived
from halint.source import Source

REAL = "real_server 192.0.2.21 80 {\n}\n"
SAID = "lb_algo rr\nlb_kind NAT\nprotocol TCP\n"


def faults(text: str) -> list[tuple[str, int]]:
    """The kinds of the faults, each with its line."""
    statements = keepalived.read(Source("f", text, format="keepalived")).statements
    found = virtual_server.faults(statements, [])
    return [(fault.kind, text.count("\n", 0, fault.at.start) + 1) for fault in found]


def server(body: str, head: str = "192.0.2.10 80") -> str:
    return f"virtual_server {head} {{\n{body}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (server(SAID + REAL), []),
        (server(SAID), [("no-real-server", 1)]),
        (server(SAID + "real_server x 80 {\n}\n"), [("no-real-server", 1)]),
        (server(SAID + REAL, "nonsense"), []),
        (server(SAID + REAL, "192.0.2.10 $PORT"), []),
        (server(SAID + "real_server $X {\n}\n"), [("no-real-server", 1)]),
        (server("lb_kind NAT\nprotocol TCP\n" + REAL), [("default", 1)]),
        (server("lb_algo rr\nprotocol TCP\n" + REAL), [("default", 1)]),
        (server("lb_algo rr\nprotocol TCP\nreal_server 192.0.2.21 80 {\nlvs_method NAT\n}\n"), []),
        (server("lb_algo rr\nprotocol TCP\nreal_server 192.0.2.21 80 {\nlvs_method X\n}\n"), [("default", 1)]),
        (server("lb_algo rr\nlb_kind NAT\n" + REAL), [("default", 1)]),
        (server("lb_algo rr\nlb_kind NAT\nprotocol x\n" + REAL), [("default", 1)]),
        (server("lb_algo rr\nlb_kind NAT\n" + REAL, "fwmark 5"), []),
        (server("lb_algo rr\nlb_kind NAT\n" + REAL, "group G"), []),
        (server("lb_algo x\nlb_kind NAT\nprotocol TCP\n" + REAL), [("scheduler", 2)]),
        (server(SAID + REAL, "192.0.2.10"), [("contradiction", 1)]),
        (server(SAID + "persistence_timeout\n" + REAL, "192.0.2.10"), []),
        (server(SAID + "persistence_timeout 0\n" + REAL, "192.0.2.10"), [("contradiction", 1)]),
        (server(SAID + "ops\n" + REAL), [("contradiction", 5)]),
        (server(SAID + REAL + REAL), [("duplicate", 7)]),
        (server(SAID + REAL + "real_server 192.0.2.21 0080 {\n}\n"), [("duplicate", 7)]),
        (server(SAID + "quorum 2\n" + REAL), [("quorum", 5)]),
        (server(SAID + "quorum x\n" + REAL), []),
        (server(SAID + "quorum 2\nweight 2\n" + REAL), []),
        (server(SAID + "hysteresis 1\n" + REAL), [("quorum", 5)]),
        (server("lb_algo rr\nlb_kind DR\nprotocol TCP\nreal_server 192.0.2.21 81 {\n}\n"), [("port", 5)]),
        (server("lb_algo rr\nlb_kind DR\nprotocol TCP\nreal_server 192.0.2.21 {\n}\n"), []),
        (server("lb_algo rr\nreal_server 192.0.2.21 81 {\n}\nlb_kind DR\n", "group G"), []),
        (server(SAID + "real_server 192.0.2.21 80 {\nHTTP_GET {\n}\n}\n"), [("no-url", 7)]),
        (server(SAID + "real_server 192.0.2.21 80 {\nHTTP_GET {\nurl {\npath /\n}\n}\n}\n"), []),
        (server(SAID + "hashed\n" + REAL), [("contradiction", 5)]),
    ],
)
def test_what_keepalived_does_not_take(text: str, expected: list[tuple[str, int]]) -> None:
    assert faults(text) == expected


def test_a_server_for_a_family_decides_for_those_behind_it() -> None:
    six = "real_server 2001:db8::21 80 {\n}\n"
    assert faults(server("lb_algo rr\nlb_kind NAT\n" + six + REAL, "fwmark 5")) == [("contradiction", 7)]
    assert faults(server("lb_algo rr\nlb_kind TUN\n" + six + "real_server 192.0.2.21 0 {\n}\n", "fwmark 5")) == [
        ("port", 4)
    ]


CHECKED = server(SAID + "real_server 192.0.2.21 80 {\nFILE_CHECK {\ntrack_file f\n}\nBFD_CHECK {\nname b\n}\n}\n")
DEFINED = "track_file f {\nfile /f\n}\nbfd_instance b {\nneighbor_ip 192.0.2.3\n}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHECKED, [("undefined", 7), ("undefined", 10)]),
        (DEFINED + CHECKED, []),
        (DEFINED.replace("track_file", "vrrp_track_file") + CHECKED, []),
        (CHECKED + DEFINED, [("undefined", 7), ("undefined", 10)]),
    ],
)
def test_what_a_check_refers_to_stands_above_it(text: str, expected: list[tuple[str, int]]) -> None:
    assert faults(text) == expected


def test_what_an_include_without_a_file_may_define_is_not_missed() -> None:
    statements = keepalived.read(Source("f", "include x\n" + CHECKED, format="keepalived")).statements
    assert not virtual_server.faults(statements[1:], statements[:1])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("weight 2\n", []),
        ("HTTP_GET {\n}\n", [("no-url", 8), ("no-url", 12)]),
        ("TCP_CHECK {\nbindto 2001:db8::1\n}\n", [("contradiction", 8), ("contradiction", 13)]),
        ("BFD_CHECK {\nname b\n}\n", [("undefined", 8), ("undefined", 13)]),
    ],
)
def test_every_real_server_is_judged_though_their_bodies_are_the_same(
    body: str, expected: list[tuple[str, int]]
) -> None:
    reals = "".join(f"real_server 192.0.2.{n} 80 {{\n{body}}}\n" for n in (21, 22))
    assert faults(server(SAID + "quorum 2\n" + reals)) == expected


def test_the_weights_of_real_servers_with_the_same_body_all_count() -> None:
    reals = "".join(f"real_server 192.0.2.{n} 80 {{\nweight 2\nlvs_method DR\n}}\n" for n in (21, 22, 23))
    assert faults(server(SAID + "quorum 6\n" + reals)) == []
    assert faults(server(SAID + "quorum 7\n" + reals)) == [("quorum", 5)]
