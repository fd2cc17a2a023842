"""What nft, iptables-restore and firewall-offline-cmd refuse, and what halint says of the same files: nothing where
they accept, an error where they refuse. They are blind in places; halint is not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

_PATHS = {"nft": "/etc/nftables.conf", "iptables": "/etc/sysconfig/iptables", "direct": "/etc/firewalld/direct.xml"}
_UNITS = {"nft": "nftables", "iptables": "iptables", "direct": "firewalld"}


def chain(rule: str) -> str:
    return f"table inet f {{\nchain c {{\ntype filter hook input priority 0; policy drop;\n{rule}\n}}\n}}\n"


def table(rule: str) -> str:
    return f"*filter\n:INPUT ACCEPT [0:0]\n:LB - [0:0]\n-A INPUT {rule}\nCOMMIT\n"


def direct(rule: str, chain: str = "INPUT", table: str = "filter", ipv: str = "ipv4", more: str = "") -> str:
    head = f'ipv="{ipv}" table="{table}" chain="{chain}" priority="0"'
    return f"<direct>{more}<rule {head}>{rule}</rule></direct>\n"


ACCEPTED = [
    *(("nft", chain(rule)) for rule in (
        "tcp dport 22 accept", "tcp dport ssh accept", "ip saddr localhost accept", "counter",
        "ct state { new } accept", "ct state ! new drop", "rt type 0 drop",
        "meta l4proto { vrrp, ah } accept", "ip saddr . tcp dport { 192.0.2.1 . 80 } accept", "tcp dport 80-443 accept",
        "ct state established,related accept", "meta mark 1 accept", "limit rate 5/second accept", "vlan id 5 drop",
        "reject with icmp type host-unreachable", "ip dscp cs1 accept", "ip ttl 255 accept", "accept\n\n",
        "tcp dport {22,} accept",
        'tcp dport 22 accept comment "x"', "tcp dport 22 accept # x", 'log prefix "x" drop', "tcp flags syn accept",
        "meta l4proto tcp th dport 22 accept", "ip6 saddr fe80::/10 accept", "tcp dport != { 22, 23 } drop",
        "ip protocol vrrp accept", "iifname eth0 accept", "tcp dport 22 tcp sport 1024-65535 accept",
        "ct mark 1 accept",
        "ip daddr 224.0.0.0/4 meta pkttype multicast accept", "th dport 53 accept", "meta nfproto ipv4 accept",
    )),
    ("nft", "define x = 1\nredefine x = 2\n"),
    ("nft", "table inet f { chain c { accept; }; }\n"),
    ("nft", "table inet f { set s { type ipv4_addr; elements = { 192.0.2.1 } }; }\n"),
    ("nft", "add table inet f\nadd chain inet f c\nadd rule inet f c accept\n"),
    ("nft", "table inet nat {\nset ssh {\ntype inet_service\n}\nchain vrrp {\ndrop\n}\n}\n"),
    ("nft", 'include "/nobody/has/*.nft"\n'),
    ("nft", "table ip f {\nmap m { type inet_service : verdict; elements = { 22 : accept } }\n"
            "chain c {\ntcp dport vmap @m\n}\n}\n"),
    *(("iptables", table(rule)) for rule in (
        "-p tcp --dport 80 -j ACCEPT", "-p udp --dport http -j ACCEPT", "-p tcp -m tcp -m tcp --dport 80 -j ACCEPT",
        "-j LOG --log-prefix x",         "-m state --state EST -j LB",
        "-p tcp -m multiport --dports 80,8000:8100 -j ACCEPT", '-i "eth0" -j DROP', "! -s 10.0.0.0/8 -j DROP", "-g LB",
        "-p tcp --dpo 80 -j ACCEPT", "-m pkttype --pkt-type multicast -j ACCEPT", "-s 10.0.0.0/255.0.0.0 -j DROP",
        "-p tcp --dport :1024 -j ACCEPT", "-p vrrp", "-m limit --limit 5/sec --limit-burst 3 -j ACCEPT",
        "-m recent --set --name x --rsource", "-p tcp --dport=80", "-p tcp -m recent --rcheck --rsource -j DROP",
        "-p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP", "-p tcp ! --syn -j DROP", "-f -j DROP",
    )),
    ("iptables", "*nat\n:INPUT ACCEPT [0:0]\nCOMMIT\n"),
    ("iptables", "*filter\n-P INPUT DROP\n-N LB\n-A INPUT -j LB\nCOMMIT\n"),
    ("direct", direct("-p vrrp -j ACCEPT")),
    ("direct", direct("-d 224.0.0.18/32 -i eth0 -p vrrp -j ACCEPT")),
    ("direct", direct("-p vrrp -j ACCEPT", "lb", more='<chain ipv="ipv4" table="filter" chain="lb"/>')),
    ("direct", direct("-p vrrp -j lb", more='<chain ipv="ipv4" table="filter" chain="lb"/>')),
    ("direct", direct("-p vrrp -j ACCEPT", "INPUT_direct")),
    ("direct", direct("-p vrrp -j ACCEPT", ipv="ipv6")),
]  # fmt: skip

REFUSED = [
    *(("nft", chain(rule)) for rule in (
        "tcp dport 70000 accept", "acept", "jump nowhere", "ip saddr @nobodys drop", "ip saddr $nobodys drop",
        "ip saddr 300.1.1.1 drop", "ip saddr 10.0.0.0/33 drop", "ct state nwe accept", "ip6 saddr 10.0.0.1 drop",
        "accept; }", "tcp dport 22 accept drop", "accept accept", "ip saddr 1.2.3.4 ip6 saddr ::1 accept",
        "tcp dport 22 udp dport 5 accept", "pkttype multicst accept", "meta l4proto 300 accept",
        "tcp dport 80-22 accept",
        "iifname a234567890123456 accept", "tcp dport 22 acept", "tcp dprt 22 accept", "ip sadr 1.2.3.4 accept",
        "ct stat new accept", "iifname eth0 tcp dport { 22, 80 accept", 'log prefix "x accept',
        "tcp dport vmap @nobodys",
    )),
    ("nft", "table inet f { chain c { accept } }\n"),
    ("nft", "table inet f { chain c { accept; } }\n"),
    ("nft", "table inet f {\nchain c {\ntype filter hook inputt priority 0;\n}\n}\n"),
    ("nft", "table inet f {\nchain c {\ntype filter hook input;\n}\n}\n"),
    ("nft", "table inet f {\nchain c {\ntype filter hook input priority 0; policy reject;\n}\n}\n"),
    ("nft", "table foo bar {\n}\n"),
    ("nft", "table inet f {\nchain fwd {\ntype filter hook forward priority 0;\n}\n}\n"),
    ("nft", "table inet log {\n}\n"),
    ("nft", "table inet f {\nset tcp {\ntype inet_service\n}\n}\n"),
    ("nft", "add table inet f\nadd chain inet f drop\n"),
    ("nft", "tabel inet f {\n}\n"),
    ("nft", "flush rulset\n"),
    ("nft", "define x = 1\ndefine x = 2\n"),
    ("nft", "}\n"),
    ("nft", "table inet f {\nchain c {\naccept\n}\n"),
    *(("iptables", table(rule)) for rule in (
        "-p tcp --dport 70000 -j ACCEPT", "--dport 80 -j ACCEPT", "-p tcp -m multiport --dports 80,90000 -j ACCEPT",
        "-s 300.1.1.1 -j ACCEPT", "-m state --state NWE -j ACCEPT", "-p tcp --dprt 80 -j ACCEPT", "-p tcp --dport",
        "-i a234567890123456 -j ACCEPT", "-s 10.0.0.0/33 -j DROP", "-p tcp --dport 90:80 -j ACCEPT",
        "-j ACCEPT -j DROP",
        "-m pkttype --pkt-type foo -j DROP", "-p 300 -j ACCEPT", "! ! -p tcp -j ACCEPT", "foo -j ACCEPT", "-j",
        "-o eth0 -j ACCEPT", "-s ! 10.0.0.1 -j ACCEPT", "-m conntrack --state NEW -j ACCEPT", '--comment "x',
        "-m state --ctstate NEW -j ACCEPT", "--bogus -j ACCEPT",
    )),
    ("iptables", "*filtr\n:INPUT ACCEPT\nCOMMIT\n"),
    ("iptables", "*filter\n:INPUT ACCEPT\n"),
    ("iptables", "*filter\n:INPUT ACCEPT [0:0]\nINPUT -j DROP\nCOMMIT\n"),
    ("direct", direct("-p vrrp -j ACCEPT", ipv="ipv5")),
    ("direct", direct("-p vrrp -j ACCEPT", table="filtr")),
]  # fmt: skip

#: What the programs let pass when they only check, and what then does not load.
BLIND = [
    ("iptables", table("-p tcp -j NOBODYS")),
    ("iptables", "*filter\n:INPUT ACCEPT [0:0]\n-A NOBODYS -j DROP\nCOMMIT\n"),
    ("direct", direct("-p vrrp --bogus -j ACCEPT")),
    ("direct", direct("-p tcp --dport 70000 -j ACCEPT")),
    ("direct", direct("--dport 80 -j ACCEPT")),
    ("direct", direct("-p vrrp -j ACCEPT", "IN_public_allow")),  # firewalld's own over iptables, not over nftables
    ("direct", direct("-p vrrp -j ACCEPT", "input")),
    ("direct", direct("-p vrrp -j ACCEPT", "INPUTT")),
    ("direct", direct("-p vrrp -j ACCEPTT")),
    ("direct", direct("-p vrrp -j accept")),
    ("direct", direct("-A INPUT -p vrrp -j ACCEPT")),
]


def says_error(kind: str, text: str) -> bool:
    source = Source("lb1" + _PATHS[kind], text, format=formats.of_path(_PATHS[kind]))
    node = Node("lb1", "lb1", {_PATHS[kind]: source}, Targets(os="debian12"))
    node.links = {f"/etc/systemd/system/multi-user.target.wants/{_UNITS[kind]}.service": "x"}
    return bool(node.tree(source).problems or node.firewall.problems)


def program_accepts(kind: str, text: str, folder: Path) -> bool:
    commands = {
        "nft": ["nft", "-c", "-f", "-"],
        "iptables": ["iptables-restore", "--test"],
        "direct": ["firewall-offline-cmd", "--system-config", str(folder), "--check-config"],
    }
    if kind == "direct":
        (folder / "direct.xml").write_text(text)
    command = ["unshare", "-n", *commands[kind]]
    return not subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60).returncode


@pytest.mark.parametrize(("kind", "text"), ACCEPTED)
def test_no_error_where_the_program_accepts(kind: str, text: str) -> None:
    assert not says_error(kind, text)


@pytest.mark.parametrize(("kind", "text"), REFUSED + BLIND)
def test_an_error_where_it_does_not_load(kind: str, text: str) -> None:
    assert says_error(kind, text)


@pytest.mark.daemons
def test_what_the_programs_say(tmp_path: Path) -> None:
    assert [case for case in ACCEPTED + BLIND if not program_accepts(*case, tmp_path)] == []
    assert [case for case in REFUSED if program_accepts(*case, tmp_path)] == []


@pytest.mark.daemons
@pytest.mark.parametrize("text", [text for kind, text in BLIND if kind == "iptables"])
def test_what_passes_the_check_does_not_load(text: str) -> None:
    command = ["unshare", "-n", "iptables-restore"]
    assert subprocess.run(command, input=text, capture_output=True, text=True, check=False).returncode
