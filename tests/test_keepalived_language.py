"""The pass over keepalived.conf: what keepalived would complain of, where, and what it does instead."""

from __future__ import annotations

import pytest

from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.limits import long_lines
from halint.models.keepalived.language.reading import read
from halint.models.keepalived.language.wording import Guesses, elsewhere
from halint.models.keepalived.preprocess import preprocess
from halint.readers import keepalived
from halint.source import Source
from halint.versions import Version


def complaints(text: str, version: Version | None = None) -> list[Complaint]:
    source = Source("keepalived.conf", text, format="keepalived")
    done = preprocess(
        source, "/keepalived.conf", files={}, read=keepalived.read, is_this_node=lambda name: name == "lb1"
    )
    return read(done.statements, version, done.missing)


def kinds(text: str, version: Version | None = None) -> list[tuple[str, int]]:
    """The kinds of the complaints, each with its line."""
    return [(found.kind, text.count("\n", 0, found.at.start) + 1) for found in complaints(text, version)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("global_defs {\n router_id a\n}\n", []),
        ("global_defs {\n router_idd a\n}\n", [("unknown-keyword", 2)]),
        ("global_defs {\n priority 1\n}\nvrrp_instance V {\n priority 1\n}\n", [("unknown-keyword", 2)]),
        ("Global_defs {\n anything at all\n}\n", [("unknown-keyword", 1)]),
        ("vrrp_instance V {\n state MASTER {\n }\n}\n", [("no-block", 2)]),
        ("vrrp_instance V\n", [("no-brace", 1)]),
        ("vrrp_instance V {\n track_script\n  check\n}\n", [("no-brace", 2)]),
        ("vrrp_instance V {\n track_script x {\n }\n}\n", [("extra", 2)]),
        ("vrrp_instance {\n nonsense\n}\n", [("missing", 1)]),
        ("vrrp_instance V {\n}\nvrrp_instance V {\n nonsense\n}\n", []),
        ("vrrp_script V {\n script a\n}\nvrrp_script V {\n nonsense\n}\n", [("unknown-keyword", 5), ("lacks", 6)]),
        ("vrrp_instance V {\n priority\n}\n", [("missing", 2)]),
        ("vrrp_instance V {\n priority 300\n}\n", [("range", 2)]),
        ("vrrp_instance V {\n priority x\n}\n", [("invalid", 2)]),
        ("vrrp_instance V {\n priority $P\n $Q\n}\n", [("invalid", 2), ("unknown-keyword", 3)]),
        ("vrrp_instance V {\n priority {$P}\n}\n", [("missing", 2)]),
        ("vrrp_instance V {\n priority ${P}\n ${Q} {\n }\n}\n", []),
        ("include x\nvrrp_instance V {\n priority $P\n $Q\n state {$S}\n}\n", []),
        ("$P=300\nvrrp_instance V {\n priority $P\n}\n", [("range", 3)]),
        ("vrrp_instance V {\n @lb1 priority 300\n @lb2 bogus\n @lb3\n}\n", [("range", 2)]),
        ("vrrp_instance V {\n track_script {\n  a weight 5 back\n }\n}\n", [("invalid", 3)]),
        ("vrrp_instance V {\n track_script {\n  a wieght 5\n }\n}\n", [("invalid", 3)]),
        ("virtual_server 192.0.2.1 80 {\n lb_kind DR tipe gre\n}\n", [("unknown-word", 2)]),
        ("vrrp_instance V {\n priority 1\n priority 2\n}\n", [("again", 3)]),
        ("vrrp_instance V {\n nopreempt\n nopreempt\n}\n", []),
        ("vrrp_instance V {\n notify a\n notify b\n}\n", [("repeated", 3)]),
        ("vrrp_sync_group G {\n group {\n }\n}\n", [("empty", 3)]),
        ("vrrp_sync_group G {\n group {\n  include x\n }\n}\n", []),
        ("track_file F {\n}\n", [("lacks", 2)]),
        ("track_file F {\n include x\n}\n", []),
        ("static_routes {\n 192.0.2.0/24 via 192.0.2.1\n}\n", [("lacks", 2)]),
        ("static_routes {\n 192.0.2.0/24 dev eth0\n 192.0.2.0/24 via\n}\n", [("missing", 3)]),
        ("virtual_server_group G {\n 192.0.2.1 80\n 192.0.2.1-9 0\n fwmark 5\n real_server x\n}\n", [("invalid", 5)]),
        (
            "virtual_server_group G {\n real_server 192.0.2.1 80 {\n  weight 1\n }\n fwmark x\n}\n",
            [("no-block", 2), ("invalid", 2), ("invalid", 3)],
        ),
        ("vrrp_instance V {\n notify a root\n notify b\n}\n", [("repeated", 3)]),
        ("vrrp_instance V {\n ~LST({a, b}, {1, 2}) priority ${a}\n}\n", []),
        ("global_defs {\n vrrp_garp_extra_if all 60\n vrrp_vmac_garp_intvl 60\n}\n", [("deprecated", 3)]),
    ],
)
def test_what_keepalived_complains_of(text: str, expected: list[tuple[str, int]]) -> None:
    assert kinds(text) == expected


PROCESS = "vrrp_track_process p {\n process haproxy\n}\n"
VIP = "vrrp_instance V {\n virtual_ipaddress {\n  192.0.2.1 dev eth0 noprefixroute use_vmac\n }\n}\n"


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        (PROCESS, None, []),
        (PROCESS, (1, 3, 5), [("too-new", 1)]),
        (PROCESS, (2, 0, 10), [("too-new", 1)]),
        (PROCESS, (2, 1, 5), []),
        (PROCESS, (2, 2, 7), []),
        (VIP, (2, 2, 7), []),
        (VIP, (2, 1, 5), []),
        (VIP, (2, 0, 10), [("new-word", 3)]),
        (VIP, (1, 3, 5), [("new-word", 3), ("new-word", 3)]),
        (VIP, None, []),
    ],
)
def test_what_came_later(text: str, version: Version | None, expected: list[tuple[str, int]]) -> None:
    assert kinds(text, version) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vrrp_instance %s {\n authentication {\n  auth_type PASS\n }\n}\n", []),
        ("vrrp_instance %s {\n authentication {\n  auth_type X\n }\n}\n", [("invalid", 3)]),
        ("vrrp_instance %s {\n track_script {\n  a wieght 5\n }\n}\n", [("invalid", 3)]),
        ("vrrp_instance %s {\n priority 1\n priority 2\n}\n", [("again", 3)]),
        ("vrrp_instance %s {\n state MASTER {\n }\n}\n", [("no-block", 2)]),
        ("vrrp_instance %s {\n track_script\n  check\n}\n", [("no-brace", 2)]),
        ("vrrp_script %s {\n}\n", [("lacks", 2)]),
    ],
)
def test_a_block_is_judged_each_time(text: str, expected: list[tuple[str, int]]) -> None:
    again = [(kind, line + text.count("\n")) for kind, line in expected]
    assert kinds(text % "A" + text % "B") == expected + again


def test_a_body_is_judged_by_the_block_that_it_is_in() -> None:
    body = "{\n script a\n}\n"
    assert kinds(f"vrrp_script A {body}vrrp_instance B {body}") == [("unknown-keyword", 5)]
    assert kinds("vrrp_instance A {\n state MASTER\n priority 1\n state MASTER {\n }\n}\n") == [
        ("again", 4),
        ("no-block", 4),
    ]


def test_an_argument_that_keepalived_cannot_do_without_stops_it() -> None:
    text = "global_defs {\n router_id\n smtp_server\n}\nstatic_routes {\n 192.0.2.0/24 dev eth0 via\n}\n"
    assert [found.fatal for found in complaints(text)] == [False, True, True]


def test_what_it_does_instead() -> None:
    (found,) = complaints("vrrp_script s {\n script a\n rise 0\n}\n")
    assert (found.effect, found.wanted, found.name) == ("uses 1", "a number from 1 to 2147483647", "0")


def test_a_word_that_nobody_would_show_is_cut() -> None:
    (found,) = complaints("vrrp_script s {\n script a\n rise " + "x" * 1000 + "\n}\n")
    assert len(found.name) < 100


@pytest.mark.parametrize(
    ("name", "meant"),
    [("priorty", "priority"), ("nopremept", "nopreempt"), ("frobnicate", ""), ("x" * 10_000, "")],
)
def test_what_was_meant(name: str, meant: str) -> None:
    assert Guesses().keyword(name, "vrrp_instance") == meant


def test_blocks_in_blocks_without_end() -> None:
    deep = 20_000
    assert complaints("vrrp_instance V {\n" * deep + "}\n" * deep)[0].kind == "unknown-keyword"


def test_a_file_of_nothing_but_unknown_words_is_not_compared_with_every_keyword() -> None:
    guesses = Guesses()
    found = [guesses.keyword(f"priorty{number}", "vrrp_instance") for number in range(1000)]
    assert found[0] == "priority" and found[-1] == ""
    assert guesses.keyword("priorty0", "vrrp_instance") == "priority"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a" * 1023, ""),
        ("a" * 1024, "a"),
        ("\u00e9" * 511 + "ab", "b"),
        ("a" * 1023 + " \t", ""),
        ("# " + "a" * 1021 + "# and so on", ""),
        ("# " + "a" * 1021 + "b", "b"),
    ],
)
def test_what_is_behind_the_end_of_what_keepalived_reads_of_a_line(line: str, expected: str) -> None:
    source = Source("keepalived.conf", f"! one\n{line}\n! two\n", format="keepalived")
    assert [source.text[place.start : place.end] for place in long_lines([source])] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("use_pid_dir", "out of all blocks"),
        ("auth_pass", "into authentication"),
        ("track_file", "into vrrp_sync_group, vrrp_instance or FILE_CHECK or out of all blocks"),
        ("prioritty", ""),
    ],
)
def test_where_a_keyword_stands(name: str, expected: str) -> None:
    assert elsewhere(name) == expected
