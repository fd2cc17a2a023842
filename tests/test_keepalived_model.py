"""The values that keepalived uses. The expected ones are what keepalived 2.2.7 dumped (`-d`) for these texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint.models.keepalived import MAIN, Keepalived
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

VIPS = "virtual_ipaddress {\n192.0.2.10/24\n}\n"
V6 = "virtual_ipaddress {\nfe80::10/64\n}\n"


def keepalived(text: str, others: dict[str, str] | None = None, name: str = "lb1") -> Keepalived:
    files = {MAIN: text} | {"/etc/keepalived/" + path: other for path, other in (others or {}).items()}
    sources = {path: Source(path, content, format=formats.of_path(path)) for path, content in files.items()}
    model = Node(name, None, sources, Targets()).keepalived
    assert model is not None
    return model


def instance(body: str, global_defs: str = "", vips: str = VIPS) -> VrrpInstance:
    text = f"global_defs {{\n{global_defs}\n}}\nvrrp_instance A {{\ninterface eth0\nvirtual_router_id 51\n{body}\n"
    (read,) = keepalived(f"{text}{'' if 'virtual_ipaddress {' in body else vips}}}\n").instances
    return read


def auth(*lines: str) -> str:
    return "authentication {\n" + "\n".join(lines) + "\n}"


@pytest.mark.parametrize(
    ("body", "state", "priority"),
    [
        ("", "BACKUP", 100),
        ("state BACKUP", "BACKUP", 100),
        ("state MASTER", "MASTER", 255),
        ("state MASTER\npriority 300", "MASTER", 100),
        ("state master", "BACKUP", 100),
        ("state SLAVE", "BACKUP", 100),
        ("state MASTER\nstate BACKUP", "MASTER", 255),
        ("state BACKUP\nstate MASTER", "MASTER", 255),
        ("state MASTER\nstate foo\npriority 90", "BACKUP", 90),
        ("priority 0", "BACKUP", 100),
        ("priority 256", "BACKUP", 100),
        ("priority abc", "BACKUP", 100),
        ("priority 10!abc", "BACKUP", 10),
        ("priority +60", "BACKUP", 60),
        ("priority 50\npriority 60", "BACKUP", 60),
        ("state BACKUP\npriority 255", "MASTER", 255),
        ("state MASTER\npriority 100\n" + auth("auth_type AH", "auth_pass 1"), "BACKUP", 100),
        ("state MASTER\npriority 100\nstrict_mode", "BACKUP", 100),
        ("state MASTER\nstrict_mode", "MASTER", 255),
    ],
)
def test_state_and_priority(body: str, state: str, priority: int) -> None:
    read = instance(body)
    assert (read.state.value, read.priority.value) == (state, priority)


@pytest.mark.parametrize(
    ("advert", "version", "seconds"),
    [
        ("", 2, 1),
        ("0.5", 2, 1),
        ("1.5", 2, 2),
        ("2.4", 2, 2),
        ("2.5", 2, 3),
        ("0", 2, 1),
        ("300", 2, 1),
        ("254", 2, 254),
        ("abc", 2, 1),
        ("-1", 3, 1),
        ("0.5", 3, 0.5),
        ("50", 3, 40.95),
        ("0.005", 3, 1),
        ("0.333", 3, 0.33),
    ],
)
def test_advert_int(advert: str, version: int, seconds: float) -> None:
    assert instance(f"version {version}\n" + (f"advert_int {advert}" if advert else "")).advert_int.value == seconds


@pytest.mark.parametrize(
    ("global_defs", "body", "version", "family"),
    [
        ("", "", 2, 4),
        ("", "version 4", 2, 4),
        ("", "version 3", 3, 4),
        ("", "version 2\nversion 3", 2, 4),
        ("vrrp_version 3", "", 3, 4),
        ("vrrp_version 3", "version 2", 2, 4),
        ("", V6, 3, 6),
        ("vrrp_version 2", V6, 3, 6),
        ("", "version 2\n" + V6, 2, 6),
        ("", V6 + "version 2", 3, 6),
        ("", "native_ipv6\n" + V6, 3, 6),
        ("", "unicast_peer {\n2001:db8::2\n}\nvirtual_ipaddress {\n192.0.2.10\n2001:db8::10\n}", 3, 6),
        ("", "virtual_ipaddress {\n192.0.2.10\n}\nunicast_peer {\n2001:db8::2\n192.0.2.2\n}", 2, 4),
    ],
)
def test_version_and_family(global_defs: str, body: str, version: int, family: int) -> None:
    read = instance(body, global_defs)
    assert (read.version.value, read.family) == (version, family)
    assert all(":" in vip if family == 6 else "." in vip for vip in read.vips | read.peers)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("", ("", b"")),
        (auth("auth_type PASS"), ("", b"")),
        (auth("auth_pass 1234"), ("", b"")),
        (auth("auth_type pass", "auth_pass 1234"), ("", b"")),
        (auth("auth_type PASSWORD", "auth_pass 1234"), ("", b"")),
        (auth("auth_type PASS", "auth_pass 123456789abc"), ("PASS", b"12345678")),
        (
            auth("auth_type PASS", "auth_pass \u00e4\u00f6\u00fc\u00df\u00e9a"),
            ("PASS", "\u00e4\u00f6\u00fc\u00df".encode()),
        ),
        (auth("auth_type PASS", 'auth_pass "a b c"'), ("PASS", b"a b c")),
        (auth("auth_type PASS", "auth_pass P@##D"), ("PASS", b"P@")),
        (auth("auth_type PASS", "auth_pass ab cd"), ("PASS", b"ab")),
        (auth("auth_type PASS", "auth_pass 'a b'"), ("PASS", b"'a")),
        (auth("auth_type AH", "auth_pass 1234"), ("AH", b"1234")),
        (auth("auth_type PASS", "auth_pass a") + "\n" + auth("auth_type AH", "auth_pass b"), ("AH", b"b")),
        ("version 3\n" + auth("auth_type PASS", "auth_pass 1234"), ("", b"")),
        ("strict_mode\n" + auth("auth_type PASS", "auth_pass 1234"), ("", b"")),
    ],
)
def test_authentication_as_sent(body: str, sent: tuple[str, bytes]) -> None:
    assert instance(body).authentication == sent


@pytest.mark.parametrize(
    ("global_defs", "body", "strict", "accept"),
    [
        ("", "", False, True),
        ("vrrp_strict", "", True, False),
        ("vrrp_strict off", "", True, False),
        ("vrrp_strict", "strict_mode off", False, True),
        ("vrrp_strict", "strict_mode false", False, True),
        ("vrrp_strict", "strict_mode no", False, True),
        ("vrrp_strict", "strict_mode 0", True, False),
        ("vrrp_strict", "strict_mode FALSE", True, False),
        ("", "strict_mode on", True, False),
        ("vrrp_strict", "accept", True, False),
        ("vrrp_strict", "version 3\naccept", True, True),
        ("vrrp_strict", "version 3\naccept\nno_accept", True, False),
        ("vrrp_strict", "version 3\nno_accept\naccept", True, True),
        ("", "no_accept", False, False),
        ("", "no_accept\npriority 255", False, True),
        ("vrrp_strict", "priority 255", True, True),
    ],
)
def test_strict_and_accept(global_defs: str, body: str, strict: bool, accept: bool) -> None:
    read = instance(body, global_defs)
    assert (read.strict.value, read.accept.value) == (strict, accept)


@pytest.mark.parametrize(
    ("body", "nopreempt"),
    [
        ("nopreempt", True),
        ("nopreempt\npreempt", False),
        ("preempt\nnopreempt", True),
        ("state MASTER\npriority 100\nnopreempt", False),
        ("priority 255\nnopreempt", False),
    ],
)
def test_nopreempt(body: str, nopreempt: bool) -> None:
    assert instance(body).nopreempt.value is nopreempt


@pytest.mark.parametrize(
    ("lines", "advertised"),
    [
        (["192.0.2.10/24", "192.0.2.10/32"], ["192.0.2.10", "192.0.2.10"]),
        (["192.0.2.10 label eth0:1234567890", "192.0.2.11 label eth0:12345678901"], ["192.0.2.10"]),
        (["192.0.2.10/24 brd 192.0.2.255 dev eth1 label eth1:vip scope global"], ["192.0.2.10"]),
        (
            ["fe80::10/64 label eth0:1", "2001:db8::1 label eth0:12345678901", "2001:DB8:0::2"],
            ["fe80::10", "2001:db8::2"],
        ),
        (["192.0.2.10", "2001:db8::1"], ["192.0.2.10"]),
    ],
)
def test_advertised_addresses(lines: list[str], advertised: list[str]) -> None:
    read = instance("virtual_ipaddress {\n" + "\n".join(lines) + "\n}")
    assert [address.address for address in read.advertised] == advertised


def test_blocks_of_one_kind_add_up() -> None:
    assert instance("virtual_ipaddress {\n192.0.2.10\n}\nvirtual_ipaddress { 192.0.2.11 }").vips == {
        "192.0.2.10",
        "192.0.2.11",
    }


@pytest.mark.parametrize(
    ("peers", "unicast"),
    [("", False), ("192.0.2.2/24\n192.0.2.3 min_ttl 254", True), ("2001:db8::2", False), ("lb2.example", False)],
)
def test_unicast_needs_a_peer_of_the_family(peers: str, unicast: bool) -> None:
    read = instance(f"virtual_ipaddress {{\n192.0.2.10\n}}\nunicast_peer {{\n{peers}\n}}")
    assert read.unicast is unicast
    assert not unicast or read.peers == {"192.0.2.2", "192.0.2.3"}


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        ("", True),
        ("priority __PRIORITY__", False),
        ("virtual_ipaddress {\n192.0.2.10\n${VIP}\n}", False),
        ("virtual_ipaddress {\n}", False),
        ("unicast_peer {\nlb2.example\n}", False),
        ("include more.conf", False),
    ],
)
def test_an_instance_with_a_placeholder_is_not_complete(body: str, complete: bool) -> None:
    assert instance(body).complete is complete


def test_of_two_instances_with_one_name_the_first_counts() -> None:
    one = f"vrrp_instance A {{\nvirtual_router_id 51\n{VIPS}}}\n"
    assert [i.vrid.value for i in keepalived(one + one.replace("51", "52")).instances] == [51]


SCRIPTS = "".join(
    f'vrrp_script {name} {{\nscript "/bin/true"\n{weight}\n}}\n'
    for name, weight in [("up", "weight 20"), ("down", "weight -20"), ("plain", "")]
)
LATER = 'vrrp_script later {\nscript "/bin/true"\n}\n'
GROUP = "vrrp_sync_group G {\ngroup {\nA\n}\ntrack_script {\ndown\n}\n}\n"


@pytest.mark.parametrize(
    ("body", "after", "checks"),
    [
        ("track_script {\nup\ndown\nplain\nlater\nnone\n}", LATER, {"up": 20, "down": -20, "plain": 0}),
        ("track_script {\nup weight 7\nup weight 9\n}", "", {"up": 7}),
        ("track_script {\nup\n}\ntrack_script {\ndown\n}", "", {"up": 20, "down": -20}),
        ("priority 255\ntrack_script {\ndown\nplain\n}", "", {"plain": 0}),
        ("track_script {\nup\nplain\n}", GROUP, {"plain": 0, "down": -20}),
    ],
)
def test_checks_that_count(body: str, after: str, checks: dict[str, int]) -> None:
    text = f"{SCRIPTS}vrrp_instance A {{\n{body}\n{VIPS}}}\n{after}"
    assert {check.name: check.weight for check in keepalived(text).instances[0].checks} == checks


def holder(vips: str = "192.0.2.77", body: str = "", name: str = "A") -> str:
    return f"vrrp_instance {name} {{\n{body}\nvirtual_ipaddress {{\n{vips}\n}}\n}}\n"


#: Text, other files below /etc/keepalived, and the names, priorities and addresses that keepalived made of them.
PREPROCESSED = {
    "definition": ("$P=50\n" + holder(body="priority $P"), {}, [("A", 50, "77")]),
    "braces": ("$N=8\n" + holder("192.0.2.${N}1"), {}, [("A", 100, "81")]),
    "nested": ("$N=7\n$V=192.0.2.7${N}\n" + holder("$V"), {}, [("A", 100, "77")]),
    "in quotes": ("$P=50\n" + holder(body='priority "${P}"'), {}, [("A", 50, "77")]),
    "redefined": (
        "$P=50\n" + holder(body="priority $P") + "$P=60\n" + holder("192.0.2.78", "priority ${P}", "B"),
        {},
        [("A", 50, "77"), ("B", 60, "78")],
    ),
    "in a block": (holder(body="$P=55\npriority $P"), {}, [("A", 55, "77")]),
    "of an include": ("include d.conf\n" + holder(body="priority $P"), {"d.conf": "$P=33\n"}, [("A", 33, "77")]),
    "many lines": ("$V= \\\n  192.0.2.71/24 \\\n  192.0.2.72/24\n" + holder("$V"), {}, [("A", 100, "71 72")]),
    "a block": (
        "$I= \\\nvrrp_instance B { \\\n virtual_ipaddress { \\\n 192.0.2.73 \\\n } \\\n}\n$I\n",
        {},
        [("B", 100, "73")],
    ),
    "not at the end": ("$V=192.0.2.1\n" + holder("192.0.2.7\n$V/24"), {}, [("A", 100, "7")]),
    "SEQ": (holder("~SEQ(x,1,3) 192.0.2.7${x}"), {}, [("A", 100, "71 72 73")]),
    "SEQ to": (holder("~SEQ(x,3) 192.0.2.7${x}"), {}, [("A", 100, "71 72 73")]),
    "SEQ step": (holder("~SEQ(x,1,2,5) 192.0.2.7${x}"), {}, [("A", 100, "71 73 75")]),
    "SEQ down": (holder("~SEQ(x,3,1) 192.0.2.7${x}"), {}, [("A", 100, "73 72 71")]),
    "SEQ down by": (holder("~SEQ(x,5,-2,1) 192.0.2.7${x}"), {}, [("A", 100, "75 73 71")]),
    "SEQ astray": (holder("192.0.2.9\n~SEQ(x,1,-1,3) 192.0.2.7${x}"), {}, [("A", 100, "9")]),
    "SEQ twice": (holder("~SEQ(x,1,2) ~SEQ(y,3,4) 192.0.2.${x}${y}"), {}, [("A", 100, "13 14 23 24")]),
    "SEQx": (holder("~SEQx(x,9,11) 192.0.2.${x}"), {}, [("A", 100, "9")]),
    "no sequence": (holder("192.0.2.9\n192.0.2.1~SEQ(x,2)\n~SEQ(x,a) 192.0.2.1"), {}, [("A", 100, "9")]),
    "conditional definition": ("@lb1 $P=51\n@lb2 $P=52\n" + holder(body="priority ${P}"), {}, [("A", 51, "77")]),
    "SEQ in hex": (holder("~SEQ(x,0x1,3) 192.0.2.7${x}"), {}, [("A", 100, "71 72 73")]),
    "LST": (holder("~LST(x,1,7,9) 192.0.2.7${x}"), {}, [("A", 100, "71 77 79")]),
    "condition": (holder(body="@lb1 priority 51\n@lb2 priority 52\n@^lb1 priority 53"), {}, [("A", 51, "77")]),
    "conditional block": ("@lb2 " + holder("192.0.2.79", name="X") + holder(), {}, [("A", 100, "77")]),
    "relative": (
        holder(body="include sub/p.conf"),
        {"sub/p.conf": "include q.conf\n", "sub/q.conf": "priority 61\n", "q.conf": "priority 62\n"},
        [("A", 61, "77")],
    ),
    "glob": (
        holder(body="include sub/[ab].conf"),
        {"sub/a.conf": "priority 71\n", "sub/b.conf": "priority 72\n"},
        [("A", 72, "77")],
    ),
    "hidden": ("include *.conf\n", {".h.conf": holder(), "b.conf": holder(name="B")}, [("B", 100, "77")]),
    "own folder": (
        "include sub/x.conf\n" + holder(),
        {"sub/x.conf": holder("192.0.2.78", name="B")},
        [("B", 100, "78"), ("A", 100, "77")],
    ),
    "CRLF": (holder(body="priority 44").replace("\n", "\r\n"), {}, [("A", 44, "77")]),
    "no final newline": (holder()[:-1], {}, [("A", 100, "77")]),
}


@pytest.mark.parametrize("case", PREPROCESSED)
def test_preprocessing(case: str) -> None:
    text, others, expected = PREPROCESSED[case]
    found = [
        (i.name, i.priority.value, " ".join(a.text.rpartition(".")[2] for a in i.advertised))
        for i in keepalived(text, others).instances
    ]
    assert found == expected


def test_include_cycle_is_a_problem_and_the_rest_is_read() -> None:
    main = "include keepalived.conf\ninclude a.conf\n" + holder()
    model = keepalived(main, {"a.conf": "include b.conf\n", "b.conf": "include a.conf\n"})
    assert [i.name for i in model.instances] == ["A"]
    assert [problem.message for problem in model.problems] == [
        f"expected no include of /etc/keepalived/{name} from within itself" for name in ("keepalived.conf", "a.conf")
    ]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("priority ${P}\nvirtual_router_id ${V}", ["P", "V"]),
        ("priority ${P", []),
        ('priority $P\nnotify "/x ${P}"\n# ${P}', []),
        ("priority ${_ENV P}\nnotify ${_PWD}/x", []),
        ("$P=${Q}\npriority $P", ["Q"]),
        ("@lb2 priority ${P}\n@lb1 state MASTER", []),
        ("priority ${P}\n@lb2 state MASTER", []),
        ("priority ${P}\n@lb1 state MASTER", ["P"]),
        ("priority ${P}\ninclude ${P}.conf", []),
    ],
)
def test_undefined_parameters(body: str, names: list[str]) -> None:
    assert [use.name for use in keepalived(holder(body=body)).undefined] == names


def test_missing_includes_are_listed() -> None:
    assert [s.words[1].text for s in keepalived("include no/*.conf\n" + holder()).missing_includes] == ["no/*.conf"]


def test_lines_of_other_nodes_only_leave_this_one_unknown() -> None:
    text = holder(body="@node-a priority 150\n@node-b priority 100")
    assert not keepalived(text, name="keepalived-master").instances[0].complete
    assert keepalived(text, name="node-a").instances[0].complete


@pytest.mark.parametrize(
    "text",
    [
        "$A=" + "$B " * 1000 + "\n$B=" + "$C " * 1000 + "\n$C=" + "x " * 1000 + "\n$A\n",
        "$A=$A$A\n$A\n",
        holder("~SEQ(x,1,999999999) 192.0.2.${x}"),
        holder("~SEQ(x,1,100000) ~SEQ(y,1,100000) 192.0.2.${x}"),
    ],
)
def test_an_expansion_that_never_ends_is_a_problem(text: str) -> None:
    assert keepalived(text + holder(name="Z")).instances[-1].name == "Z"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "vrrp_instance A {",
                "vrrp_script s {",
                "vrrp_sync_group g {",
                "group {",
                "virtual_ipaddress {",
                "}",
                "{",
                "unicast_peer {",
                "authentication {",
                "track_script {",
                "auth_pass",
                "auth_type AH",
                "priority",
                "priority x",
                "state",
                "version 3",
                "include *",
                "include keepalived.conf",
                "$a=",
                "$a=${a} \\",
                "${a}",
                "~SEQ(a,1,3) ${a}",
                "@lb1",
                "@^lb1 x",
                "192.0.2.1/99 label",
                "fe80::1 dev",
                "script",
                "weight -1",
                "vrrp_strict",
                "global_defs {",
                "advert_int 0.1",
                "interface",
                "use_vmac",
                "\x85",
                "\udc80",
            ]
        ),
        max_size=30,
    )
)
def test_any_lines_make_a_model(lines: list[str]) -> None:
    for read in keepalived("\n".join(lines)).instances:
        assert read.complete in (True, False)
        assert 1 <= read.priority.value <= 255
        assert len(read.authentication[1]) <= 8
        assert read.vips <= read.all_vips
        assert 1 <= read.healthy_priority <= 255
