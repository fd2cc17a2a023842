"""What a node's firewall accepts, and which one is active."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from halint.models.firewall import AH, OWN, TCP, UDP, VRRP, Firewall, Packet
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

HOME = Path(__file__).parents[1]
GROUP, GROUP6 = "224.0.0.18", "ff02::12"
FIREWALLD = "/etc/systemd/system/multi-user.target.wants/firewalld.service"
WANTS = "/etc/systemd/system/multi-user.target.wants/"


def firewall(files: dict[str, str], os: str | None = None, links: dict[str, str] | None = None) -> Firewall:
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in files.items()}
    node = Node("lb1", "lb1", sources, Targets(os=os))
    node.links = links or {}
    return node.firewall


def advert(
    *,
    protocol: int = VRRP,
    source: str | None = "192.0.2.2",
    to: str | None = GROUP,
    on: str | None = "eth0",
    state: str = "new",
) -> Packet:
    family = 6 if ":" in (source or to or "") else 4
    return Packet("in", protocol, family, source=source, destination=to, interface=on, state=state)


def to_port(port: int, *, over: int = TCP, source: str | None = None, to: str = "192.0.2.10") -> Packet:
    return Packet("in", over, 4, source=source, destination=to, port=port, interface="eth0")


def zone(*lines: str, target: str = "") -> str:
    return f"<zone{target}>\n" + "".join(f"  {line}\n" for line in lines) + "</zone>\n"


def public(*lines: str, target: str = "") -> dict[str, str]:
    return {"/etc/firewalld/zones/public.xml": zone(*lines, target=target)}


def nft(*rules: str, policy: str = "drop", before: str = "", hook: str = "input") -> dict[str, str]:
    chain = f"chain c {{\ntype filter hook {hook} priority 0; policy {policy};\n" + "\n".join(rules) + "\n}\n"
    return {"/etc/nftables.conf": f"flush ruleset\n{before}\ntable inet f {{\n{chain}}}\n"}


def tables(*rules: str, policy: str = "DROP") -> dict[str, str]:
    return {"/etc/sysconfig/iptables": f"*filter\n:INPUT {policy} [0:0]\n" + "\n".join(rules) + "\nCOMMIT\n"}


BY_INTERFACE = {"/etc/firewalld/zones/in.xml": zone('<interface name="eth0"/>', '<protocol value="vrrp"/>')}
BY_SOURCE = {"/etc/firewalld/zones/in.xml": zone('<source address="192.0.2.0/24"/>', '<protocol value="vrrp"/>')}
POLICY = {
    "/etc/firewalld/policies/p.xml": (
        '<policy target="CONTINUE"><ingress-zone name="ANY"/><egress-zone name="HOST"/></policy>'
    ),
}
COMMANDS = """add table ip f
add chain ip f c { type filter hook input priority 0; }
add rule ip f c ip protocol 112 drop
"""
LOOP = """table inet f {
chain a { jump b; }
chain b { jump a; }
chain c { type filter hook input priority 0; jump a; drop; }
}
"""
RICH_RULE = '<rule family="ipv4">{}<protocol value="vrrp"/><accept/></rule>'
VRRP_RULE = '<rule><protocol value="vrrp"/><{}/></rule>'
SERVICE = {"/etc/firewalld/services/ka.xml": '<service><protocol value="vrrp"/></service>'}


@pytest.mark.parametrize(
    ("files", "packet", "verdict"),
    [
        # zones, services, protocols and ports
        (public(), advert(), False),
        (public('<protocol value="vrrp"/>'), advert(), True),
        (public('<protocol value="112"/>'), advert(source="fe80::2", to=GROUP6), True),
        (public('<protocol value="vrrp"/>'), advert(protocol=AH), False),
        (public('<service name="ka"/>') | SERVICE, advert(), True),
        (public() | SERVICE, advert(), False),
        (public('<service name="http"/>'), to_port(80), True),
        (public('<service name="http"/>'), to_port(443), False),
        (public('<service name="freeipa-4"/>'), to_port(443), True),  # by include
        (public('<service name="mdns"/>'), to_port(5353, over=UDP), False),  # only to its own group
        (public('<service name="mdns"/>'), to_port(5353, over=UDP, to="224.0.0.251"), True),
        (public('<service name="not-stock"/>'), to_port(80), None),
        (public('<port port="8443-8445" protocol="tcp"/>'), to_port(8444), True),
        (public('<port port="8443-8445" protocol="tcp"/>'), to_port(8444, over=UDP), False),
        (public('<forward-port port="80" protocol="tcp" to-port="8080"/>'), to_port(80), None),
        (public(target=' target="ACCEPT"'), advert(), True),
        (public(target=' target="DROP"'), advert(), False),
        (public(), advert(state="established"), True),
        (public(), advert(on="lo"), True),
        # rich rules: denying before accepting, unless a priority says otherwise
        (public(VRRP_RULE.format("accept")), advert(), True),
        (public('<protocol value="vrrp"/>', VRRP_RULE.format("drop")), advert(), False),
        (
            public('<rule priority="-1"><protocol value="vrrp"/><accept/></rule>', VRRP_RULE.format("reject")),
            advert(),
            True,
        ),
        (
            public('<protocol value="vrrp"/>', '<rule priority="1"><protocol value="vrrp"/><drop/></rule>'),
            advert(),
            True,
        ),
        (public('<rule family="ipv6"><protocol value="vrrp"/><accept/></rule>'), advert(), False),
        (public(RICH_RULE.format('<source address="192.0.2.0/24"/>')), advert(), True),
        (
            public(RICH_RULE.format('<source address="192.0.2.2" invert="True"/>')),
            advert(),
            False,
        ),
        (
            public(RICH_RULE.format('<source address="192.0.2.2"/>')),
            advert(source=None),
            None,
        ),
        (public('<rule><protocol value="vrrp"/><accept><limit value="1/m"/></accept></rule>'), advert(), None),
        (public('<rule><source ipset="lbs"/><accept/></rule>'), advert(), None),
        # which zone
        (public() | BY_INTERFACE, advert(), True),
        (public() | BY_SOURCE, advert(), True),
        (public() | BY_SOURCE, advert(source=None), None),
        (public() | {"/etc/firewalld/firewalld.conf": "DefaultZone=trusted\n"}, advert(), True),
        (public() | {"/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nZONE=trusted\n"}, advert(), True),
        (
            public() | {
                "/etc/firewalld/zones/in.xml": zone('<interface name="eth0"/>'),
                "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nZONE=trusted\n",
            },
            advert(), None,
        ),
        (public() | POLICY, advert(), False),
        # a broken file: which configuration firewalld takes depends on its version
        (public() | {"/etc/firewalld/services/ka.xml": "<description/><port/>"}, advert(), None),
        # nft
        (nft(), advert(), False),
        (nft("meta l4proto vrrp accept"), advert(), True),
        (nft("ip protocol vrrp accept"), advert(), True),
        (nft("ip protocol vrrp accept"), advert(source="fe80::2", to=GROUP6), False),
        (nft("ip6 nexthdr 112 accept"), advert(source="fe80::2", to=GROUP6), True),
        (nft("ct state established,related accept"), advert(), False),
        (nft("ct state established,related accept"), advert(state="established"), True),
        (nft("ip saddr { 192.0.2.2, 192.0.2.3 } meta l4proto vrrp accept"), advert(), True),
        (nft("ip saddr $lbs accept", before="define lbs = { 192.0.2.2 }"), advert(), True),
        (nft("ip saddr 192.0.2.2 accept"), advert(source=None), None),
        (nft("ip daddr 224.0.0.0/8 accept"), advert(to=OWN), False),
        (nft('iifname "ens*" meta l4proto vrrp accept'), advert(), False),
        (nft("meta l4proto vrrp limit rate 5/second accept"), advert(), None),
        (nft("tcp flags & (fin|syn) == fin drop", policy="accept"), advert(), True),
        (nft("meta mark 3 drop", policy="accept"), advert(), None),
        (nft("tcp dport { 80, 443 } accept"), to_port(443), True),
        (nft("tcp dport vmap { 80 : accept, 443 : drop }", policy="accept"), to_port(443), False),
        (nft("tcp dport 80 redirect to 8080", hook="prerouting"), to_port(80), None),
        (nft("meta l4proto vrrp drop", policy="accept", hook="prerouting"), advert(), False),
        (nft('include "/etc/nftables.d/*.nft"', policy="accept"), advert(), None),
        ({"/etc/nftables.conf": 'include "/etc/nftables/x.nft"\n'}, advert(), None),
        (
            {
                "/etc/sysconfig/nftables.conf": 'include "/etc/nftables/*.nft"\n',
                "/etc/nftables/a.nft": nft("meta l4proto vrrp accept")["/etc/nftables.conf"],
            },
            advert(), True,
        ),
        ({"/etc/nftables.conf": COMMANDS}, advert(), False),
        ({"/etc/nftables.conf": LOOP}, advert(), None),
        # iptables
        (tables(), advert(), False),
        (tables("-A INPUT -p vrrp -j ACCEPT"), advert(), True),
        (tables("-A INPUT -p vrrp -j ACCEPT"), advert(source="fe80::2", to=GROUP6), None),  # no IPv6 file
        (tables("-A INPUT ! -p tcp -j ACCEPT"), advert(), True),
        (tables("-A INPUT -d 224.0.0.18/32 -p vrrp -j ACCEPT"), advert(to=OWN), False),
        (tables("-A INPUT -m pkttype --pkt-type multicast -j ACCEPT"), advert(), True),
        (tables("-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT"), advert(), False),
        (tables("-A INPUT -m recent --name lbs --rcheck -p vrrp -j ACCEPT"), advert(), None),
        (tables("-A INPUT -j LOG --log-prefix ACCEPT", "-A INPUT -p vrrp -j DROP", policy="ACCEPT"), advert(), False),
        (tables(":LB - [0:0]", "-A INPUT -j LB", "-A LB -s 192.0.2.2 -p vrrp -j ACCEPT"), advert(), True),
        (tables("-A INPUT -p tcp -m multiport --dports 80,8000:8100 -j ACCEPT"), to_port(8050), True),
    ],
)  # fmt: skip
def test_verdict(files: dict[str, str], packet: Packet, verdict: bool | None) -> None:
    answer = firewall(files, os="debian12").accepts(packet)
    assert answer.verdict is verdict, answer.reason


DIRECT = {
    "/etc/firewalld/direct.xml": '<direct><rule ipv="ipv4" table="filter" chain="INPUT" priority="0">{}</rule></direct>'
}


def direct(rule: str) -> dict[str, str]:
    return {path: text.format(rule) for path, text in DIRECT.items()}


@pytest.mark.parametrize(
    ("os", "conf", "rule", "verdict"),
    [
        ("el7", "", "-d 224.0.0.18 -p vrrp -j ACCEPT", True),
        ("el8", "", "-d 224.0.0.18 -p vrrp -j ACCEPT", False),
        ("debian12", "", "-p vrrp -j ACCEPT", False),
        (None, "", "-p vrrp -j ACCEPT", None),
        ("el8", "FirewallBackend=iptables\n", "-p vrrp -j ACCEPT", True),
        ("el8", "DefaultZone=trusted\n", "-p vrrp -j DROP", False),
    ],
)
def test_direct_rules_by_backend(os: str | None, conf: str, rule: str, verdict: bool | None) -> None:
    found = firewall(direct(rule) | {"/etc/firewalld/firewalld.conf": conf}, os=os)
    assert found.accepts(advert()).verdict is verdict
    assert (found.dead_accept(advert()) is not None) is (verdict is False and "ACCEPT" in rule)


def test_output() -> None:
    out = Packet("out", VRRP, 4, destination=GROUP, interface="eth0")
    assert firewall(public()).accepts(out).verdict is True
    assert firewall(nft("oifname lo accept", hook="output")).accepts(out).verdict is False
    assert firewall(nft("meta l4proto vrrp accept", hook="output")).accepts(out).verdict is True


@pytest.mark.parametrize(
    ("files", "links", "kind", "active"),
    [
        ({}, {}, "unknown", None),
        ({"/etc/firewalld/firewalld.conf": "DefaultZone=public\n"}, {}, "unknown", None),
        ({"/etc/firewalld/policies/allow-host-ipv6.xml": "<policy/>"}, {}, "unknown", None),
        (public(), {}, "firewalld", True),
        (direct("-p vrrp -j ACCEPT"), {}, "firewalld", True),
        (nft(), {}, "nftables", True),
        (nft(policy="accept"), {}, "unknown", None),  # what Debian installs: empty chains that accept
        (tables("-A INPUT -i lo -j ACCEPT", policy="ACCEPT"), {}, "unknown", None),  # rules of EL's own file
        (tables("-A INPUT -p vrrp -j ACCEPT"), {}, "iptables", True),
        (public() | nft(), {}, "unknown", None),
        (public() | nft(), {WANTS + "nftables.service": "x"}, "nftables", True),
        (public() | nft(), {WANTS + "nftables.service": "x", FIREWALLD: "x"}, "unknown", None),
        (public(), {WANTS + "sshd.service": "x"}, "none", False),
        (public() | nft(), {"/etc/systemd/system/firewalld.service": "/dev/null"}, "nftables", True),
        ({}, {FIREWALLD: "x"}, "firewalld", True),
        ({}, {WANTS + "nftables.service": "x"}, "nftables", True),
    ],
)
def test_which_firewall_is_active(files: dict[str, str], links: dict[str, str], kind: str, active: bool | None) -> None:
    found = firewall(files, links=links)
    assert (found.kind, found.active) == (kind, active), found.reason


PRIORITY = zone('<interface name="eth0"/>', '<protocol value="vrrp"/>', target=' ingress-priority="{}"')
FROM_DEFAULT = {
    "/etc/firewalld/policies/lb.xml": '<policy target="CONTINUE"><ingress-zone name="public"/>'
    '<egress-zone name="HOST"/><protocol value="vrrp"/></policy>\n',
}
IFCFG = {"/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\n"}


@pytest.mark.parametrize(
    ("files", "os", "verdict"),
    [
        # packets of all these: tests/packets/newer.jsonl
        ({"/etc/firewalld/zones/in.xml": PRIORITY.format(5)}, "debian13", True),
        ({"/etc/firewalld/zones/in.xml": PRIORITY.format(5)}, None, None),  # before 2.0 the file is refused
        ({"/etc/firewalld/zones/in.xml": PRIORITY.format(5)}, "el9", None),
        ({"/etc/firewalld/zones/in.xml": PRIORITY.format(40000)}, "el10", None),
        (public() | FROM_DEFAULT, "debian13", True),
        (public() | FROM_DEFAULT, "debian12", None),  # NetworkManager may put eth0 there
        (public() | FROM_DEFAULT | IFCFG, "debian12", True),
        (public('<interface name="eth+"/>') | FROM_DEFAULT, "el9", True),
        (public() | FROM_DEFAULT | BY_SOURCE, None, True),
        (public() | FROM_DEFAULT | {"/etc/firewalld/zones/in.xml": zone('<source address="192.0.2.0/24"/>')}, "el10",
         False),
        (public() | FROM_DEFAULT | {"/etc/firewalld/zones/in.xml": zone('<source address="192.0.2.0/24"/>')}, None,
         None),
        (public() | FROM_DEFAULT | {"/etc/firewalld/zones/in.xml": zone('<source address="192.0.2.0/24"/>')} | IFCFG,
         "el9", True),
    ],
)  # fmt: skip
def test_by_version(files: dict[str, str], os: str | None, verdict: bool | None) -> None:
    assert firewall(files, os, {FIREWALLD: "x"}).accepts(advert()).verdict is verdict


IN_ZONE = '<direct><rule ipv="ipv4" table="filter" chain="IN_public_{}" priority="0">-p vrrp -j {}</rule></direct>\n'


@pytest.mark.parametrize(
    ("part", "target", "os", "verdict"),
    [
        ("allow", "ACCEPT", "el7", True),
        ("deny", "DROP", "el7", False),
        ("allow", "ACCEPT", "el8", None),  # not over nftables: firewalld falls back
        ("allow", "ACCEPT", None, None),
    ],
)
def test_direct_rules_in_a_zone_of_firewalld(part: str, target: str, os: str | None, verdict: bool | None) -> None:
    """Measured, 1.3.3 over both backends."""
    files = public(*['<protocol value="vrrp"/>'] * (target == "DROP"))
    found = firewall(files | {"/etc/firewalld/direct.xml": IN_ZONE.format(part, target)}, os)
    assert found.accepts(advert()).verdict is verdict
    assert bool(found.problems) is (os == "el8")


def test_direct_rules_in_a_chain_that_somebody_else_may_make() -> None:
    direct = IN_ZONE.replace("IN_public_{}", "DOCKER-USER").format("ACCEPT")
    found = firewall(public() | {"/etc/firewalld/direct.xml": direct}, "el8")
    assert found.accepts(advert()).verdict is None
    assert not found.problems


def test_policies_of_one_priority_may_be_asked_in_any_order() -> None:
    refusing = FROM_DEFAULT["/etc/firewalld/policies/lb.xml"].replace("CONTINUE", "DROP").replace("vrrp", "ah")
    both = public() | FROM_DEFAULT | {"/etc/firewalld/policies/no.xml": refusing}
    assert firewall(both, "debian13").accepts(advert()).verdict is None
    later = refusing.replace("<policy ", '<policy priority="-5" ')
    assert firewall(both | {"/etc/firewalld/policies/no.xml": later}, "debian13").accepts(advert()).verdict is False


def test_stock_firewalld() -> None:
    found = firewall({}, os="el9", links={FIREWALLD: "x"})
    assert found.accepts(advert()).verdict is False
    assert found.accepts(to_port(22)).verdict is True
    assert found.accepts(to_port(9090)).verdict is True  # cockpit, in EL 8 and later
    assert firewall({}, os="el7", links={FIREWALLD: "x"}).accepts(to_port(9090)).verdict is False


def test_definitions_that_grow_without_end() -> None:
    grow = "".join(f"define a{n + 1} = {{ $a{n}, $a{n} }}\n" for n in range(40))
    found = firewall(nft("ip saddr $a40 drop", before="define a0 = { 192.0.2.1, 192.0.2.2 }\n" + grow))
    assert found.accepts(advert()).verdict is None


def test_a_long_chain_of_jumps() -> None:
    chains = "".join(f"chain c{n} {{\njump c{n + 1}\n}}\n" for n in range(3000))
    rules = f"table inet f {{\n{chains}chain i {{\ntype filter hook input priority 0; policy drop;\njump c0\n}}\n}}\n"
    assert firewall({"/etc/nftables.conf": rules}).accepts(advert()).verdict is None


def test_the_stock_table_is_that_of_the_package() -> None:
    home = Path("/usr/lib/firewalld")
    if not (home / "zones" / "public.xml").exists():
        pytest.skip("firewalld is not installed")
    module = runpy.run_path(str(HOME / "scripts" / "stock_firewalld.py"))["module"]
    generated = HOME / "halint" / "models" / "firewall" / "firewalld" / "stock.py"
    assert generated.read_text(encoding="utf-8") == module(home)


NFT_LIST = "/sos_commands/firewall_tables/nft_-a_list_ruleset"
SAVED = "/sos_commands/firewall_tables/iptables-save"


def captured(*rules: str, policy: str = "drop") -> dict[str, str]:
    return {NFT_LIST: nft(*rules, policy=policy)["/etc/nftables.conf"].removeprefix("flush ruleset\n")}


def saved(*rules: str, header: str = "# Generated by iptables-save v1.4.21\n") -> dict[str, str]:
    return {SAVED: header + tables(*rules)["/etc/sysconfig/iptables"]}


def test_captured_rules_outrank_files() -> None:
    accepting, refusing = "meta l4proto vrrp accept", "tcp dport 22 accept"
    loaded = firewall(nft(refusing) | captured(accepting))
    assert loaded.accepts(advert()).verdict is True
    assert loaded.written(advert()).verdict is False
    stale = firewall(nft(accepting) | captured(refusing))
    assert stale.accepts(advert()).verdict is False
    assert stale.allow([advert()], []) is None, "the file has the line already, and output is no file"


def test_captured_rules_without_files() -> None:
    alone = firewall(captured("meta l4proto vrrp accept"))
    assert (alone.kind, alone.active, alone.fault) == ("nftables", True, "")
    assert alone.accepts(advert()).verdict is True
    assert alone.accepts(to_port(80)).verdict is False
    assert alone.written(advert()).verdict is None


def test_captured_rules_of_a_broken_file() -> None:
    broken = firewall({"/etc/nftables.conf": "table inet f {\n"} | captured("meta l4proto vrrp accept"))
    assert broken.accepts(advert()).verdict is True
    assert broken.accepts(to_port(80)).verdict is False


@pytest.mark.parametrize("text", ["", "sh: nft: command not found\n", "table inet f {\n", "table inet f {\n}\n"])
def test_captured_nothing(text: str) -> None:
    found = firewall(nft("tcp dport 22 accept") | {NFT_LIST: text})
    assert found.captured is None
    assert found.accepts(advert()).verdict is False


def test_what_nft_has_no_words_for_is_no_comment() -> None:
    """nft 1.0.2 prints a match of iptables so that it cannot translate, and the verdict behind it."""
    for rule in ("# match-set peers src counter packets 0 bytes 0 drop", 'log prefix "a" # recent: SET drop'):
        assert firewall(captured("\t\t" + rule, policy="accept")).captured is None, rule
    for rule in ("meta l4proto vrrp accept # handle 7", 'log prefix "a # b" accept # handle 12', "accept"):
        assert firewall(captured("\t\t" + rule)).accepts(advert()).verdict is True, rule
    newer = firewall(captured("\t\txt match set counter packets 0 bytes 0 drop", policy="accept"))
    assert newer.captured is not None
    assert newer.accepts(advert()).verdict is None


def test_captured_iptables() -> None:
    """iptables-save of iptables-nft shows nothing of what nft loaded: that may refuse what it accepts."""
    assert firewall(saved("-A INPUT -p vrrp -j ACCEPT")).accepts(advert()).verdict is True
    half = saved("-A INPUT -p vrrp -j ACCEPT", header="# Generated by iptables-save v1.8.9 (nf_tables) on Sat\n")
    assert firewall(half).accepts(advert()).verdict is None
    assert firewall(half).accepts(to_port(80)).verdict is False
    assert (
        firewall(saved("-A INPUT -p vrrp -j ACCEPT")).accepts(advert(source="2001:db8::2", to=GROUP6)).verdict is None
    )
    both = captured("meta l4proto vrrp accept")
    assert firewall(half | both).accepts(advert()).verdict is True
    assert firewall(saved("-A INPUT -j DROP") | both).accepts(advert()).verdict is False


def test_captured_firewalld() -> None:
    """The rules of firewalld in the kernel say that it runs; without them its files may be those of a stopped one."""
    files = public('<service name="ssh"/>')
    running = nft("meta l4proto vrrp accept")["/etc/nftables.conf"].replace("inet f ", "inet firewalld ")
    runs = firewall(files | {NFT_LIST: running.removeprefix("flush ruleset\n")})
    assert (runs.kind, runs.active, runs.starts) == ("firewalld", True, True)
    assert runs.accepts(advert()).verdict is True
    assert runs.written(advert()).verdict is False
    stopped = firewall(files | captured("meta l4proto vrrp accept"))
    assert (stopped.kind, stopped.starts) == ("nftables", False)
    assert stopped.written(advert()).verdict is None


def test_captured_rules_that_may_accept_leave_open_what_files_refuse() -> None:
    assert firewall(nft("tcp dport 22 accept") | captured("meta l4proto vrrp meta mark 1 accept")).accepts(
        advert()
    ).verdict is None  # fmt: skip


def test_what_is_sent_elsewhere_before_the_filter_is_not_refused_by_it() -> None:
    """Measured: tests/lab/test_firewall_measurements.py."""
    nat = "table ip n {\nchain p {\ntype nat hook prerouting priority -100;\ntcp dport 80 redirect to :9999\n}\n}\n"
    redirected = firewall(nft("tcp dport 9999 accept", before=nat))
    assert redirected.accepts(to_port(80)).verdict is None
    assert redirected.accepts(to_port(81)).verdict is False
    table = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 9999\nCOMMIT\n"
    path, text = tables("-A INPUT -p tcp --dport 9999 -j ACCEPT").popitem()
    assert firewall({path: table + text}).accepts(to_port(80)).verdict is None
    assert firewall({path: table + text}).accepts(to_port(81)).verdict is False


def test_connections_that_were_sent_elsewhere() -> None:
    assert firewall(nft("ct status dnat accept")).accepts(advert()).verdict is False
    nat = "table ip n {\nchain p {\ntype nat hook prerouting priority -100;\ntcp dport 80 dnat to 192.0.2.9\n}\n}\n"
    assert firewall(nft("ct status dnat accept", before=nat)).accepts(advert()).verdict is None
    assert firewall(nft("ct status snat accept")).accepts(advert()).verdict is None


def test_packets_come_in_by_the_way_back_to_their_source() -> None:
    chain = "chain pre {\ntype filter hook prerouting priority 10;\n%s\n}\n"
    for way, verdict in (
        ("fib saddr . mark . iif oif missing drop", True),
        ("fib saddr . iif oif missing drop", True),
        ("fib saddr . iif oif exists drop", False),
        ("fib saddr . iif oif eth0 drop", None),
        ("fib saddr oif missing drop", None),
    ):
        files = {"/etc/nftables.conf": f"table inet f {{\n{chain % way}}}\n"}
        assert firewall(files).accepts(advert()).verdict is verdict, way
    inverted = tables("-A INPUT -m rpfilter --validmark --invert -j DROP", policy="ACCEPT")
    assert firewall(inverted).accepts(advert()).verdict is True
    assert firewall(tables("-A INPUT -m rpfilter --loose -j ACCEPT")).accepts(advert()).verdict is True


def test_captured_listing_is_that_of_iptables() -> None:
    """What iptables lists answers as what iptables-save prints of the same rules, which is read by itself."""
    for text, rules in LISTED:
        files = {"/sos_commands/firewall_tables/iptables_-vnxL": text}
        listed, written = firewall(files, os="el7"), firewall(tables(*rules, policy="DROP"))
        for packet in (advert(), advert(source="192.0.2.12"), advert(on="eth1"), advert(state="established"),
                       to_port(22), to_port(80), to_port(443, over=UDP), to_port(8404)):  # fmt: skip
            assert listed.accepts(packet).verdict == written.accepts(packet).verdict, packet.key


def test_captured_listing_with_a_row_that_cannot_be_read() -> None:
    text = (
        "Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n pkts bytes target\n    0     0 DROP       all      *      *\n"
    )
    found = firewall({"/sos_commands/firewall_tables/iptables_-t_filter_-nvL": text}, os="el7")
    assert found.captured is not None
    assert found.accepts(advert()).verdict is None


#: Printed by ip6tables 1.4.21 (EL 7), whose column of fragments is blank, and by 1.8.9.
LISTED6 = """\
Chain INPUT (policy DROP 0 packets, 0 bytes)
 pkts bytes target     prot opt in     out     source               destination
    0     0 ACCEPT     all  @@  *      *       ::/0                 ::/0                 state RELATED,ESTABLISHED
    0     0            tcp  @@  eth0   *       ::/0                 ::/0                 tcp dpt:8404
    0     0 ACCEPT     112  @@  eth0   *       fe80::/10            ff02::12
    0     0 ACCEPT     tcp  @@  *      *      !2001:db8::/32        ::/0                 tcp dpt:443

Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)
 pkts bytes target     prot opt in     out     source               destination
"""


@pytest.mark.parametrize("name", ["ip6tables_-t_filter_-nvL", "ip6tables_-vnxL"])
@pytest.mark.parametrize("column", ["  ", "--"])
def test_captured_listing_of_ipv6(name: str, column: str) -> None:
    found = firewall({f"/sos_commands/firewall_tables/{name}": LISTED6.replace("@@", column)}, os="el7")
    assert found.accepts(advert(source="fe80::2", to=GROUP6)).verdict is True
    assert found.accepts(advert(source="fe80::2", to=GROUP6, on="eth1")).verdict is False
    assert found.accepts(advert(source="2001:db8::2", to=GROUP6)).verdict is False
    assert found.accepts(advert(source="2001:db8::2", to="2001:db8::1", state="established")).verdict is True
    assert found.accepts(advert()).verdict is None
    for port, source, verdict in (
        (443, "2001:db9::1", True),
        (443, "2001:db8::1", False),
        (8404, "2001:db9::1", False),
    ):
        packet = Packet("in", TCP, 6, source=source, destination="2001:db8::10", port=port, interface="eth0")
        assert found.accepts(packet).verdict is verdict


#: Printed by iptables 1.4.21 (EL 7) and 1.8.9, and the rules.
LISTED = [
    (
        """\
Chain INPUT (policy DROP 0 packets, 0 bytes)
    pkts      bytes target     prot opt in     out     source               destination
       0        0 ACCEPT     112  --  *      *       192.0.2.12           0.0.0.0/0
       0        0 ACCEPT     6    --  *      *       0.0.0.0/0   0.0.0.0/0 multiport dports 80,443 /* web site */
       0        0            6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:8404
       0        0 REJECT     0    --  *   *   0.0.0.0/0  0.0.0.0/0 state NEW reject-with icmp-port-unreachable

Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)
    pkts      bytes target     prot opt in     out     source               destination
""",
        [
            "-A INPUT -s 192.0.2.12/32 -p vrrp -j ACCEPT",
            "-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT",
            "-A INPUT -p tcp -m tcp --dport 8404",
            "-A INPUT -m state --state NEW -j REJECT --reject-with icmp-port-unreachable",
        ],
    ),
    (
        """\
Chain INPUT (policy DROP 12K packets, 3M bytes)
 pkts bytes target     prot opt in     out     source               destination
 120K   20M ACCEPT     all  --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate RELATED,ESTABLISHED
    0     0 LOG        all  --  *      *       0.0.0.0/0            0.0.0.0/0            LOG flags 0 level 4 prefix "x"
    0     0 lb         all  --  !eth1  *       0.0.0.0/0            0.0.0.0/0           [goto]
    0     0 ACCEPT     tcp  --  eth0   *      !192.0.2.0/24         0.0.0.0/0            tcp dpts:8000:9000
    0     0 ACCEPT     udp  --  *      *       0.0.0.0/0            0.0.0.0/0 recent: SET name: x side: source

Chain lb (1 references)
 pkts bytes target     prot opt in     out     source               destination
    0     0 ACCEPT     vrrp --  *      *       0.0.0.0/0            224.0.0.18
    0     0 ACCEPT     tcp  --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:22
""",
        [
            ":lb - [0:0]",
            "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            "-A INPUT -j LOG",
            "-A INPUT ! -i eth1 -g lb",
            "-A INPUT ! -s 192.0.2.0/24 -i eth0 -p tcp --dport 8000:9000 -j ACCEPT",
            "-A INPUT -p udp -m recent --set --name x -j ACCEPT",
            "-A lb -d 224.0.0.18/32 -p vrrp -j ACCEPT",
            "-A lb -p tcp --dport 22 -j ACCEPT",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ports", "verdict"),
    [("1024:65535", True), ("0:65535", True), ("1024:", True), ("0:1023", False), ("53", False), ("1024", None),
     ("32768:60999", None), ("2000:65535", None)],
)  # fmt: skip
def test_who_asks_first_comes_from_a_port_without_privilege(ports: str, verdict: bool | None) -> None:
    found = firewall(tables(f"-A INPUT -p tcp --sport {ports} --dport 80 -j ACCEPT"))
    assert found.accepts(to_port(80)).verdict is verdict
    assert found.accepts(to_port(80).but(state="established")).verdict is None
    span = (ports + "65535" if ports.endswith(":") else ports).replace(":", "-")
    found = firewall(nft(f"tcp sport {span} tcp dport 80 accept"))
    assert found.accepts(to_port(80)).verdict is verdict


ACCEPT_VRRP = "-A INPUT -p vrrp -j ACCEPT"


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        (["-A INPUT -j DROP", "-I INPUT 1 -p vrrp -j ACCEPT"], True),
        (["-A INPUT -p tcp -j DROP", "-A INPUT -j DROP", "-I INPUT 2 -p vrrp -j ACCEPT"], True),
        (["-A INPUT -j DROP", "-I INPUT 2 -p vrrp -j ACCEPT"], False),
        (["-A INPUT -j DROP", ACCEPT_VRRP, "-D INPUT 1"], True),
        (["-A INPUT -j DROP", ACCEPT_VRRP, "-D INPUT 2"], False),
        ([ACCEPT_VRRP, "-F INPUT"], False),
        ([ACCEPT_VRRP, "-F"], False),
        ([ACCEPT_VRRP, "-Z INPUT"], True),
        ([ACCEPT_VRRP, "-D INPUT -p vrrp -j ACCEPT"], None),
        ([ACCEPT_VRRP, "-A INPUT -p tcp", "-I INPUT 2 -p udp", "-D INPUT 3"], None),
        ([ACCEPT_VRRP, "-D INPUT 2"], None),  # there is none, and the file is refused
        ([ACCEPT_VRRP, "-I INPUT 3 -p tcp -j DROP"], None),
        ([ACCEPT_VRRP, "-D INPUT \u00b2"], None),
        ([ACCEPT_VRRP, "-I INPUT \u00b2 -p tcp -j DROP"], None),
        ([":LB - [0:0]", "-A LB -p vrrp -j ACCEPT", "-A INPUT -j LB", ":LB - [0:0]"], False),
        ([ACCEPT_VRRP, "COMMIT", "*filter", ":INPUT DROP [0:0]"], False),
    ],
)
def test_rules_that_are_put_somewhere_or_taken_away(rules: list[str], verdict: bool | None) -> None:
    assert firewall(tables(*rules)).accepts(advert()).verdict is verdict


def test_rules_that_are_put_somewhere_without_end() -> None:
    """Each moves all behind it: beyond some the chain is not followed."""
    rules = ["-A INPUT -p tcp -j DROP"] * 20_000 + ["-I INPUT 2 -p udp -j DROP"] * 20_000
    assert firewall(tables(*rules)).accepts(advert()).verdict is None
