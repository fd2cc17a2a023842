"""The rules about VRRP on clusters that are not those of their pages, and on what must not trouble them."""

from __future__ import annotations

import pytest
from test_virtual_router import CHECK, TRACK, instance, node

from halint import registry
from halint.cluster import Cluster
from halint.finding import Finding


def findings(code: str, *files: str, tentative: bool = False) -> list[Finding]:
    nodes = [node(name, text) for name, text in zip(("lb1", "lb2", "lb3"), files, strict=False)]
    found = registry.rules()[code].check(Cluster("c", nodes, tentative=tentative))
    return [finding for finding in found if isinstance(finding, Finding)]


def v4(*lines: str, vips: tuple[str, ...] = ("192.0.2.10",), name: str = "X", vrid: int = 51) -> str:
    return instance(name, vrid, *vips, body="\n".join(lines))


def v6(*lines: str, vips: tuple[str, ...] = ("fe80::10", "2001:db8::10")) -> str:
    return instance("X6", 61, *vips, body="\n".join(lines))


def auth(password: str, kind: str = "PASS") -> str:
    return f"authentication {{\nauth_type {kind}\nauth_pass {password}\n}}"


def peers(*addresses: str, src: str = "") -> str:
    return (f"unicast_src_ip {src}\n" if src else "") + "unicast_peer {\n" + "\n".join(addresses) + "\n}"


NOBODY = "vrrp_script s {\nscript x\n}\n"


@pytest.mark.parametrize(
    ("code", "files", "expected"),
    [
        # KA116: an IPv6 instance; a virtual_server on the address
        ("KA116", ["global_defs {\nvrrp_strict\n}\n" + v6()], ["warning"]),
        ("KA116", [v4("no_accept") + "virtual_server 192.0.2.10 80 {\n}\n"], ["error"]),
        ("KA116", ["global_defs {\nvrrp_strict\n}\n" + v6("accept")], []),
        # one finding for one vrrp_strict
        ("KA116", ["global_defs {\nvrrp_strict\n}\n" + v4() + v6()], ["warning"]),
        ("KA124", [v4(vips=("192.0.2.10 label eth0:\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4",))], ["error"]),
        ("KA125", [v4(vips=("192.0.2.10 label eth0",))], []),
        ("KA125", [v4("use_vmac", vips=("192.0.2.10 label vrrp.51:1",))], []),
        ("KA125", [v6(vips=("fe80::10 label eth9:1",))], []),
        ("KA126", [v4(vips=("192.0.2.10 label eth0", "192.0.2.11 label eth0"))], []),
        (
            "KA126",
            [v4(vips=("192.0.2.10 label a:1",)) + v4(vips=("192.0.2.11 label a:1",), name="Y", vrid=52)],
            ["info"],
        ),
        ("KA127", [v4(vips=("192.0.2.10", "192.0.2.11 label eth0:1"))], []),
        ("KA202", [v4(auth("one")), v4(auth("two", "AH"))], ["error"]),
        ("KA202", [v4(auth("***")), v4(auth("two"))], []),
        ("KA202", [v4(auth("${PASS}")), v4(auth("two"))], []),
        ("KA202", [v4(auth("one")), v4("version 3")], []),
        ("KA202", [v4(auth("one")), v4(auth("one")), v4()], ["error"]),
        ("KA203", [v4("advert_int 1"), v4("version 3\nadvert_int 2")], []),
        ("KA203", [v4("advert_int 400"), v4()], []),
        ("KA203", [v4("advert_int 5"), v4("advert_int 5"), v4()], ["error"]),
        ("KA205", [v6(), v6(vips=("fe80::10", "2001:DB8::0:10"))], []),
        ("KA205", [v6(), v6(vips=("fe80::10",))], ["error"]),
        ("KA205", [v4(vips=("192.0.2.10", "${VIP}")), v4()], []),
        ("KA205", [v4(vips=("192.0.2.10", "192.0.2.10")), v4(vips=("192.0.2.10", "192.0.2.10/32"))], []),
        ("KA205", [v4(), v4(), v4(vips=("192.0.2.99",))], ["error"]),
        ("KA208", [v4(), v4(), v4("priority 50")], ["warning"]),
        ("KA208", [v4("priority 255"), v4("state MASTER")], ["warning"]),
        ("KA208", [v4("nopreempt"), v4("nopreempt\nstate MASTER\npriority 100")], ["warning"]),
        ("KA208", [v4("priority __P__"), v4()], []),
        ("KA209", [v4("state MASTER"), v4("state MASTER"), v4()], ["warning"]),
        ("KA209", [v4("strict_mode\nstate MASTER\npriority 90"), v4("strict_mode\nstate MASTER\npriority 80")], []),
        ("KA210", [v4("state MASTER\npriority 90"), v4("state MASTER\npriority 80"), v4()], ["warning"]),
        ("KA210", [v4("state MASTER\npriority 110"), v4("state MASTER\npriority 90"), v4()], []),
        ("KA210", [v4("state MASTER\npriority 100"), v4()], []),
        ("KA211", [v4(), v6()], ["error", "error"]),
        ("KA211", [v4()], []),
        ("KA211", [v4(), NOBODY], []),
        ("KA211", [v4() + v6(), v4(), v4()], ["error"]),
        ("KA211", [v4() + v6(), v4() + instance("Y", 62, "${VIP}")], []),
        ("KA211", [v4() + v6(), v4() + "vrrp_instance Y {\n"], []),
        ("KA212", [v6(peers("2001:db8::2")), v6()], ["error"]),
        ("KA212", [v4(peers("lb2.example")), v4()], []),
        ("KA212", [v4(peers("2001:db8::2"), vips=("192.0.2.10", "2001:db8::10")), v4()], []),
        (
            "KA213",
            [v6(peers("2001:db8::3", src="2001:db8::1")), v6(peers("2001:db8::1", src="2001:db8:0::2"))],
            ["error"],
        ),
        ("KA213", [v4(peers("192.0.2.2", src="192.0.2.1")), v4(peers("192.0.2.1", src="192.0.2.1"))], []),
        ("KA213", [v4(peers("192.0.2.3", src="192.0.2.1")), v4()], []),
    ],
)
def test_rule(code: str, files: list[str], expected: list[str]) -> None:
    assert [finding.severity.label for finding in findings(code, *files)] == expected


def test_siblings_that_share_nothing() -> None:
    """Two clusters' balancers in one folder are not a pair; a pair with a mistyped address is."""
    far = v4(vips=("198.51.100.10/24",))
    assert not findings("KA211", v4(), v6(), tentative=True)
    assert not findings("KA205", v4(), far, tentative=True)
    assert findings("KA205", v4(), far)
    assert findings("KA205", v4(), v4(vips=("192.0.2.11",)), tentative=True)
    assert findings("KA205", v4("state MASTER"), far, tentative=True)


def test_passwords_stay_in_the_file() -> None:
    for finding in findings("KA202", v4(auth("secret-1")), v4(auth("secret-2")), v4(auth("secret-1"))):
        assert finding.fix is not None
        texts = [finding.message, finding.fix.title, *(place.label for place in [finding.location, *finding.related])]
        assert not [text for text in texts if "secret" in text]


def test_new_priorities_stay_within_the_weight_and_above_the_next_node() -> None:
    check = CHECK % -4
    (finding,) = findings("KA208", check + v4(TRACK), check + v4(TRACK), check + v4("priority 98", TRACK))
    assert finding.fix is not None
    assert [edit.text for edit in finding.fix.edits] == ["priority 99\n"]
    (finding,) = findings("KA208", CHECK % -1 + v4(TRACK), CHECK % -1 + v4(TRACK))
    assert finding.fix is None


def test_a_value_from_a_definition_is_not_edited() -> None:
    text = "$P=100\n" + v4("priority $P")
    (finding,) = findings("KA208", text, text)
    assert finding.fix is None
    (finding,) = findings("KA203", "$A=2\n" + v4("advert_int $A"), v4("advert_int 1"))
    assert finding.fix is not None
    assert finding.fix.prefer is not None
    assert {name: [edit.text for edit in edits] for name, edits in finding.fix.prefer.items()} == {"lb1": ["2"]}
