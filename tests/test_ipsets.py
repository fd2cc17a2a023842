"""Sets of the kernel that iptables asks: what `ipset save` and `ipset list` say is in them, and what nobody can say."""

from __future__ import annotations

import subprocess

import pytest

from halint.models.firewall import TCP, VRRP, Firewall, Packet
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

ADVERT = Packet("in", VRRP, 4, source="192.0.2.2", destination="224.0.0.18", interface="eth0")
WEB = Packet("in", TCP, 4, source="192.0.2.2", destination="192.0.2.10", port=80, interface="eth0")
SAVED = "/sos_commands/firewall_tables/ipset_save"
LISTED = "/sos_commands/firewall_tables/ipset_list"
LIST = """Name: peers
Type: hash:ip
Revision: 6
Header: family inet hashsize 1024 maxelem 65536 comment bucketsize 12 initval 0xc7b73b74
Size in memory: 256
References: 1
Number of entries: 1
Members:
192.0.2.2 comment "the other: lb2"

Name: rest
Type: hash:net
Header: family inet6 hashsize 1024
Members:
2001:db8::
"""


def firewall(match: str, *sets: str, **files: str) -> Firewall:
    texts = {
        "/etc/sysconfig/iptables": f"*filter\n:INPUT DROP [0:0]\n-A INPUT {match} -j ACCEPT\nCOMMIT\n",
        **({"/etc/sysconfig/ipset": "\n".join(sets) + "\n"} if sets else {}),
        **files,
    }
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in texts.items()}
    return Node("lb1", "lb1", sources, Targets(os="el7")).firewall


PEERS = "-m set --match-set peers src"


@pytest.mark.parametrize(
    ("match", "sets", "packet", "verdict"),
    [
        (PEERS, ["create peers hash:ip", "add peers 192.0.2.2"], ADVERT, True),
        (PEERS, ["create peers hash:ip", "add peers 192.0.2.3"], ADVERT, False),
        (PEERS, ["-N peers iphash", "-A peers 192.0.2.2"], ADVERT, True),
        (PEERS, ["# 192.0.2.2", "create peers hash:net -exist", "add -! peers\t192.0.2.0/24"], ADVERT, True),
        (PEERS, ["create peers hash:ip", "add peers 192.0.2.2", "del peers 192.0.2.2", "add peers 192.0.2.9"], ADVERT,
         False),
        (PEERS + ",dst", ["create peers hash:ip,port", "add peers 192.0.2.2,80"], WEB, True),
        (PEERS + ",dst", ["create peers hash:ip,port", "add peers 192.0.2.2,udp:80"], WEB, False),
        (PEERS + ",src", ["create peers hash:ip,port", "add peers 192.0.2.2,tcp:80"], WEB, False),
        (PEERS + ",src", ["create peers hash:ip,port", "add peers 192.0.2.2,tcp:40000-50000"], WEB, None),
        (PEERS + ",src", ["create peers hash:ip,port", "add peers 192.0.2.2,vrrp:0"], ADVERT, True),
        (PEERS, ["create peers hash:ip,port", "add peers 192.0.2.2,80"], WEB, False),
        # what nobody can say
        (PEERS, [], ADVERT, None),
        (PEERS, ["create others hash:ip", "add others 192.0.2.2"], ADVERT, None),
        (PEERS, ["create peers hash:ip"], ADVERT, None),
        (PEERS, ["create peers hash:ip timeout 300", "add peers 192.0.2.2"], ADVERT, None),
        (PEERS, ["create peers hash:ip timeout 300", "add peers 192.0.2.2 timeout 0"], ADVERT, True),
        (PEERS, ["create peers hash:ip timeout 0", "add peers 192.0.2.3"], ADVERT, None),
        (PEERS, ["create peers hash:mac", "add peers 02:00:00:00:00:01"], ADVERT, None),
        (PEERS, ["create peers hash:ip", "create peers hash:ip", "add peers 192.0.2.2"], ADVERT, None),
        (PEERS, ["create peers hash:ip", "add peers 192.0.2.2", "flush"], ADVERT, None),
        (PEERS, ["create a hash:ip", "create peers hash:ip", "add peers 192.0.2.3", "swap a peers"], ADVERT, None),
        ("-j SET --add-set peers src\n-A INPUT " + PEERS, ["create peers hash:ip", "add peers 1.2.3.4"], ADVERT, None),
        (PEERS + " --return-nomatch", ["create peers hash:ip", "add peers 192.0.2.2"], ADVERT, None),
        (PEERS, ["create peers hash:ip netmask 24", "add peers 192.0.2.77"], ADVERT, True),
        (PEERS, ["create peers hash:ip netmask 24", "add peers 192.0.3.77-192.0.3.79"], ADVERT, None),
        # networks within networks that are no members
        (PEERS, ["create peers hash:net", "add peers 192.0.0.0/8", "add peers 192.0.2.0/24 nomatch"], ADVERT, False),
        (PEERS, ["create peers hash:net", "add peers 192.0.0.0/8", "add peers 192.0.2.0/24 nomatch",
                 "add peers 192.0.2.0/28"], ADVERT, None),
        # what iptables refuses
        (PEERS, ["create peers hash:ip family inet6", "add peers fe80::2"], ADVERT, None),
    ],
)  # fmt: skip
def test_verdict(match: str, sets: list[str], packet: Packet, verdict: bool | None) -> None:
    assert firewall(match, *sets).accepts(packet).verdict is verdict


def test_a_set_of_the_other_family_is_refused_where_it_is_named() -> None:
    (problem,) = firewall(PEERS, "create peers hash:ip family inet6", "add peers fe80::2").problems
    assert problem.message == "the set 'peers' is of IPv6, which iptables of IPv4 does not take"
    assert problem.source.text[problem.start : problem.end] == "peers"


def test_captured_sets_serve_where_no_file_has_them() -> None:
    assert firewall(PEERS, **{LISTED: LIST}).accepts(ADVERT).verdict is True
    assert firewall(PEERS, **{LISTED: LIST}).accepts(ADVERT.but(source="192.0.2.3")).verdict is False
    assert firewall(PEERS, "create peers hash:ip", "add peers 192.0.2.3", **{LISTED: LIST}).written(ADVERT).verdict is (
        False
    )


def test_captured_rules_ask_captured_sets() -> None:
    rules = f"*filter\n:INPUT DROP [0:0]\n-A INPUT {PEERS} -j ACCEPT\nCOMMIT\n"
    captured = {
        SAVED: "create peers hash:ip family inet\nadd peers 192.0.2.2\n",
        "/sos_commands/firewall_tables/iptables-save": rules,
    }
    found = firewall(PEERS, "create peers hash:ip", "add peers 192.0.2.3", **captured)
    assert (found.written(ADVERT).verdict, found.accepts(ADVERT).verdict) == (False, True)


def test_folders_and_files_of_debian() -> None:
    for path in ("/etc/sysconfig/ipset.d/peers.set", "/etc/ipset.conf", "/etc/iptables/ipsets"):
        found = firewall(PEERS, **{path: "create peers hash:ip\nadd peers 192.0.2.2\n"})
        assert found.accepts(ADVERT).verdict is True, path


@pytest.mark.parametrize(
    "text", ["create", "add", "create peers", "add peers", "Name: \nHeader: \nMembers:\nx", "\udc80 \x00"]
)
def test_nonsense_is_no_fault(text: str) -> None:
    assert firewall(PEERS, text).accepts(ADVERT).verdict is None
    assert firewall(PEERS, **{LISTED: text}).accepts(ADVERT).verdict is None


@pytest.mark.daemons
@pytest.mark.parametrize("match", ["--match-set peers src", "! --match-set peers src"])
def test_iptables_refuses_a_set_of_the_other_family(match: str) -> None:
    rules = f"*filter\n-A INPUT -m set {match} -j ACCEPT\nCOMMIT\n"
    for family, works in (("inet", True), ("inet6", False)):
        script = f"ipset create peers hash:ip family {family} && iptables-restore"
        done = subprocess.run(["unshare", "-n", "sh", "-c", script], input=rules, capture_output=True, text=True)
        assert (not done.returncode) is works, done.stderr
