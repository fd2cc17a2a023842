"""What is measured of firewalls around VRRP: pairs of real keepalived, with rules in the way of their adverts, and who
holds the address. docs/measurements.md says it in words."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from agreement import AT_A_TIME, INITIAL, Observation, lay_out, observe
from cluster import LiveCluster

pytestmark = pytest.mark.lab

#: Texts by path.
Files = dict[str, str]
VIP, VIP6 = "192.0.2.10", "2001:db8::10"
BOTH, LB1, LB2 = ("lb1", "lb2"), ("lb1",), ("lb2",)
#: A zone, or a policy of refusal, that lets nothing in but what follows.
FIREWALLD = "/etc/firewalld/"
DIRECT = '<direct><rule ipv="ipv4" table="filter" chain="{}" priority="0">-p vrrp -j ACCEPT</rule></direct>\n'
VRRP = '<protocol value="vrrp"/>'
RICH = f'<rule family="ipv4"><source address="192.0.2.11"/>{VRRP}<accept/></rule>'


def keepalived(name: str, *lines: str, vip: str = VIP) -> str:
    number = name[-1]
    priority = {"1": 150, "2": 100}[number]
    head = ["vrrp_instance VI_1 {", "interface eth0", "virtual_router_id 51", f"priority {priority}"]
    return "\n".join([*head, *lines, "virtual_ipaddress {", vip, "}", "}"]) + "\n"


def address(name: str) -> str:
    return f"2: eth0    inet 192.0.2.1{name[-1]}/24 scope global eth0\n"


def unicast(name: str) -> tuple[str, ...]:
    own, other = ("11", "12") if name == "lb1" else ("12", "11")
    return (f"unicast_src_ip 192.0.2.{own}", "unicast_peer {", f"192.0.2.{other}", "}")


def pair(
    *lines: str,
    ways: bool = False,
    vip: str = VIP,
    lb1: Files | None = None,
    lb2: Files | None = None,
) -> Files:
    """A pair with `lines` in its instance, by unicast if `ways`, and these files beside on lb1 and lb2."""
    files = {}
    for name, more in (("lb1", lb1 or {}), ("lb2", lb2 or {})):
        all_ = (*lines, *(unicast(name) if ways else ()))
        files[f"{name}/etc/keepalived/keepalived.conf"] = keepalived(name, *all_, vip=vip)
        files[f"{name}/sos_commands/networking/ip_-o_addr"] = address(name)
        files |= {name + path: text for path, text in more.items()}
    return files


def nft(*rules: str, hook: str = "input") -> Files:
    """Rules of nft that drop what they do not list."""
    interface = "iif" if hook == "input" else "oif"
    body = "\n".join([f"type filter hook {hook} priority 0; policy drop;", f"{interface} lo accept", *rules])
    return {"/etc/nftables.conf": f"flush ruleset\ntable inet f {{\nchain c {{\n{body}\n}}\n}}\n"}


def iptables(*rules: str) -> Files:
    return {"/etc/sysconfig/iptables": "\n".join(["*filter", ":INPUT DROP [0:0]", *rules, "COMMIT"]) + "\n"}


def firewalld(backend: str, *elements: str, **files: str) -> Files:
    """firewalld with `elements` in its zone public."""
    found = {
        "firewalld.conf": f"FirewallBackend={backend}\n",
        "zones/public.xml": f"<zone>{''.join(elements)}</zone>\n",
    }
    found |= {f"{name.replace('__', '/')}.xml": text for name, text in files.items()}
    return {FIREWALLD + path: text for path, text in found.items()}


class Measured(NamedTuple):
    """What a pair does. holders: of VIP at first, or after each step of `event`."""

    files: Files
    holders: tuple[tuple[str, ...], ...]
    event: str = INITIAL
    first: str = ""
    log: str = ""


ACCEPT_VRRP = "meta l4proto vrrp accept"
KNOWN = "ct state established,related accept"
NOPREEMPT = ("nopreempt",)
SERVICE = f"<service>{VRRP}</service>\n"
MEASURED = {
    "nobody filters": Measured(pair(), (LB1,)),
    "dropped on the backup": Measured(pair(lb2=nft()), (BOTH,)),
    "accepted on the backup": Measured(pair(lb2=nft(ACCEPT_VRRP)), (LB1,)),
    "known connections alone, by multicast": Measured(pair(lb2=nft(KNOWN)), (BOTH,)),
    "known connections alone, by unicast": Measured(pair(ways=True, lb1=nft(KNOWN), lb2=nft(KNOWN)), (LB1,)),
    "dropped by unicast": Measured(pair(ways=True, lb1=nft(), lb2=nft()), (BOTH,)),
    "the group alone, by unicast": Measured(pair(ways=True, lb2=nft(f"ip daddr 224.0.0.18 {ACCEPT_VRRP}")), (BOTH,)),
    "the group alone, by unicast, in iptables": Measured(
        pair(ways=True, lb2=iptables("-A INPUT -d 224.0.0.18/32 -p vrrp -j ACCEPT")), (BOTH,)
    ),
    "the group alone, by multicast, in iptables": Measured(
        pair(lb2=iptables("-A INPUT -d 224.0.0.18/32 -p vrrp -j ACCEPT")), (LB1,)
    ),
    "on another interface": Measured(pair(lb2=nft(f'iifname "ens160" {ACCEPT_VRRP}')), (BOTH,)),
    "AH, with 112 accepted": Measured(
        pair("authentication {", "auth_type AH", "auth_pass secret", "}", lb2=nft(ACCEPT_VRRP)), (BOTH,)
    ),
    "AH, with 51 accepted": Measured(
        pair("authentication {", "auth_type AH", "auth_pass secret", "}", lb2=nft("meta l4proto ah accept")), (LB1,)
    ),
    "IPv6, with IPv4's protocol accepted": Measured(
        pair(vip=VIP6, lb2=nft("ip protocol vrrp accept", "icmpv6 type nd-neighbor-solicit accept")), (BOTH,)
    ),
    "IPv6, with either's accepted": Measured(
        pair(vip=VIP6, lb2=nft(ACCEPT_VRRP, "icmpv6 type nd-neighbor-solicit accept")), (LB1,)
    ),
    "dropped on the leader": Measured(pair(lb1=nft()), (LB1,)),
    "dropped on the leader, which was away": Measured(pair(lb1=nft()), (LB1, LB2, LB1), "node-up:lb1"),
    "nopreempt, the leader was away": Measured(pair(*NOPREEMPT), (LB1, LB2, LB2), "node-up:lb1", "lb1"),
    "nopreempt, dropped on the leader, which was away": Measured(
        pair(*NOPREEMPT, lb1=nft()), (LB1, LB2, LB1), "node-up:lb1", "lb1"
    ),
    "dropped on the leader's way out": Measured(
        pair(lb1=nft(hook="output")), (BOTH,), log="send advert error 1 (Operation not permitted)"
    ),
    "dropped on the backup's way out": Measured(pair(lb2=nft(hook="output")), (LB1,)),
    "direct rule over nftables": Measured(pair(lb2=firewalld("nftables", direct=DIRECT.format("INPUT"))), (BOTH,)),
    "direct rule over iptables": Measured(pair(lb2=firewalld("iptables", direct=DIRECT.format("INPUT"))), (LB1,)),
    "direct rule for the way out": Measured(
        pair(lb2=firewalld("iptables", direct=DIRECT.format("OUTPUT"))), (BOTH,)
    ),
    "protocol in the zone": Measured(pair(lb2=firewalld("nftables", VRRP)), (LB1,)),
    "service in the zone": Measured(
        pair(lb2=firewalld("nftables", '<service name="ka"/>', services__ka=SERVICE)), (LB1,)
    ),
    "service that no zone names": Measured(pair(lb2=firewalld("nftables", services__ka=SERVICE)), (BOTH,)),
    "rich rule": Measured(pair(lb2=firewalld("nftables", RICH)), (LB1,)),
    "rich rule without a family": Measured(
        pair(lb2=firewalld("nftables", RICH.replace(' family="ipv4"', ""))), (BOTH,)
    ),
    "a file that is refused": Measured(
        pair(lb2=firewalld("nftables", VRRP, services__lb='<service><port port="80"/></service>\n')), (BOTH,)
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def observations() -> Iterator[dict[str, Future[Observation]]]:
    """All at once: they mostly wait for adverts."""
    with ProcessPoolExecutor(AT_A_TIME) as pool:
        yield {name: pool.submit(observe, one.files, one.event, one.first) for name, one in MEASURED.items()}


@pytest.mark.parametrize("case", MEASURED)
def test_who_holds_the_address(case: str, observations: dict[str, Future[Observation]]) -> None:
    one, seen = MEASURED[case], observations[case].result()
    assert tuple(next(iter(holders.values())) for holders in seen.holders.values()) == one.holders, seen.told
    assert one.log in seen.told


@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_a_direct_rule_counts_packets_whether_or_not_it_helps(backend: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lay_out(pair(lb2=firewalld(backend, direct=DIRECT.format("INPUT"))), Path(folder))
        with LiveCluster(Path(folder)) as live:
            live.start()
            assert live.settle()[VIP] == (BOTH if backend == "nftables" else LB1)
            listed = live.machine("lb2").must("iptables", "-nvxL")
    counts = [int(line.split()[0]) for line in listed.splitlines() if " 224" not in line and "112" in line.split()]
    assert counts and max(counts) > 0, listed


@pytest.mark.parametrize("strict", [False, True])
def test_strict_adherence_closes_the_address_to_clients(strict: bool) -> None:
    files = {path: ("global_defs {\nvrrp_strict\n}\n" * strict) + text if path.endswith("keepalived.conf") else text
             for path, text in pair().items()}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        lay_out(files, Path(folder))
        with LiveCluster(Path(folder)) as live:
            live.start()
            (holder,) = live.settle()[VIP]
            assert live.answers(VIP, 80) is not strict
            ruleset = live.machine(holder).must("nft", "list", "ruleset")
            assert ("table ip keepalived" in ruleset) is strict


def test_a_connection_that_is_sent_elsewhere_passes_a_filter_that_names_no_such_port() -> None:
    """A client is sent from port 80 to 9080, which alone the filter lets in."""
    redirect = (
        "table ip n {\nchain p {\ntype nat hook prerouting priority -100;\ntcp dport 80 redirect to :9080\n}\n}\n"
    )
    rules = nft("tcp dport 9080 accept", ACCEPT_VRRP)["/etc/nftables.conf"]
    both = {"/etc/nftables.conf": rules + redirect}
    haproxy = {"/etc/haproxy/haproxy.cfg": "defaults\nmode http\ntimeout client 5s\ntimeout server 5s\n"
               "timeout connect 2s\nfrontend www\nbind :9080\nhttp-request return status 200\n"}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        lay_out(pair(lb1=both | haproxy, lb2=both | haproxy), Path(folder))
        with LiveCluster(Path(folder)) as live:
            live.start()
            assert live.settle()[VIP] == LB1
            end = time.monotonic() + 15
            while not live.answers(VIP, 80):
                assert time.monotonic() < end
            assert not live.answers(VIP, 81)
