"""What firewall-cmd printed of a running firewalld, as a sos report holds it. tests/lab/test_running_firewalld.py holds
the same against firewalld itself."""

from __future__ import annotations

import pytest

from halint.models.firewall import AH, OWN, TCP, UDP, VRRP, Firewall, Packet
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

FOLDER = "/sos_commands/firewalld/firewall-cmd_"
ZONES = FOLDER + "--list-all-zones"
POLICIES = FOLDER + "--list-all-policies"
RULES = FOLDER + "--direct_--get-all-rules"
PASSTHROUGHS = FOLDER + "--direct_--get-all-passthroughs"
#: As firewalld 0.6 (EL 7) prints it: without `forward:`, and with an empty line of its own behind `rich rules:`.
_EL7 = """\
public (active)
  target: default
  icmp-block-inversion: no
  interfaces: eth0
  sources: \n  services: ssh dhcpv6-client
  ports: 8443-8445/tcp
  protocols: vrrp
  masquerade: no
  forward-ports: port=80:proto=tcp:toport=8080:toaddr=
  source-ports: \n  icmp-blocks: \n  rich rules: \n\t

trusted
  target: ACCEPT
  icmp-block-inversion: no
  interfaces: \n  sources: 203.0.113.0/24{}
  services: \n  ports: \n  protocols: \n  masquerade: no
  forward-ports: \n  source-ports: \n  icmp-blocks: \n  rich rules: \n\t
"""
EL7 = _EL7.format("")
#: As 2.x does: with the default zone named, and the priorities of the zones.
NEW = """\
public (default, active)
  target: default
  ingress-priority: 0
  egress-priority: 0
  icmp-block-inversion: no
  interfaces: eth0
  sources: \n  services: ssh own
  ports: \n  protocols: \n  forward: yes
  masquerade: no
  forward-ports: \n  source-ports: \n  icmp-blocks: \n  rich rules: \n{rules}"""
ADVERT = Packet("in", VRRP, 4, source="192.0.2.2", destination="224.0.0.18", interface="eth0")
SIGNED = ADVERT.but(protocol=AH)


def firewall(files: dict[str, str], os: str | None = None) -> Firewall:
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in files.items()}
    return Node("lb1", "lb1", sources, Targets(os=os)).firewall


def to_port(port: int, *, over: int = TCP, source: str = "192.0.2.2", on: str = "eth0") -> Packet:
    return Packet("in", over, 4, source=source, destination=OWN, port=port, interface=on)


def rules(*texts: str) -> dict[str, str]:
    return {ZONES: NEW.format(rules="".join(f"\t{text}\n" for text in texts))}


def zone(body: str) -> dict[str, str]:
    return {"/etc/firewalld/zones/public.xml": f"<zone>{body}</zone>\n"}


@pytest.mark.parametrize(
    ("packet", "verdict"),
    [
        (ADVERT, True),
        (SIGNED, False),
        (to_port(22), True),
        (to_port(8444), True),
        (to_port(8444, over=UDP), False),
        (to_port(443), False),
        (to_port(80), None),  # goes to another port
        (to_port(443, source="203.0.113.9"), True),  # zone trusted, by source
        (ADVERT.but(interface="eth7"), True),  # no zone lists it: the default zone
    ],
)
def test_a_listing_of_el7(packet: Packet, verdict: bool | None) -> None:
    ipset = {"/etc/firewalld/ipsets/lbs.xml": '<ipset type="hash:ip"><entry>198.51.100.9</entry></ipset>\n'}
    assert firewall({ZONES: _EL7.format(" ipset:lbs")} | ipset, "el7").accepts(packet).verdict is verdict


@pytest.mark.parametrize(
    ("text", "packet", "verdict"),
    [
        ('rule family="ipv4" source address="192.0.2.2" protocol value="vrrp" accept', ADVERT, True),
        ('rule family="ipv4" source address="192.0.2.3" protocol value="vrrp" accept', ADVERT, False),
        ('rule family="ipv4" source NOT address="192.0.2.3" protocol value="vrrp" accept', ADVERT, True),
        ('rule family="ipv4" source not address="192.0.2.2" protocol value="vrrp" accept', ADVERT, False),
        ('rule family="ipv6" protocol value="vrrp" accept', ADVERT, False),
        ('rule protocol value="vrrp" log prefix="a b: c" level="info" limit value="3/m" accept', ADVERT, True),
        ('rule protocol value="vrrp" accept limit value="3/m"', ADVERT, None),
        ('rule priority="-5" protocol value="vrrp" reject type="icmp-port-unreachable"', ADVERT, False),
        ('rule service name="http" accept', to_port(80), True),
        ('rule port port="80-90" protocol="tcp" accept', to_port(85), True),
        ('rule family="ipv4" destination address="224.0.0.18" accept', ADVERT, True),
        ('rule source ipset="nobodys" accept', ADVERT, None),
        ('rule something new="x" accept', ADVERT, None),
    ],
)
def test_a_rich_rule(text: str, packet: Packet, verdict: bool | None) -> None:
    own = {"/etc/firewalld/services/own.xml": "<service/>\n"}
    assert firewall(rules(text) | own).accepts(packet).verdict is verdict


def test_it_outranks_the_files() -> None:
    lost = firewall(zone("") | {ZONES: EL7})
    assert (lost.kind, lost.active, lost.starts) == ("firewalld", True, True)
    assert lost.accepts(ADVERT).verdict is True
    assert lost.written(ADVERT).verdict is False
    late = firewall(zone('<protocol value="ah"/>') | {ZONES: EL7})
    assert late.accepts(SIGNED).verdict is False
    assert late.written(SIGNED).verdict is True


def test_it_is_known_without_files() -> None:
    alone = firewall({ZONES: EL7})
    assert (alone.kind, alone.active, alone.fault) == ("firewalld", True, "")
    assert alone.written(ADVERT).verdict is None


def test_where_a_file_is_refused_the_listing_tells() -> None:
    """firewalld fell back to its stock configuration: the service of the files is not what may be listed."""
    stock = rules()[ZONES].replace("ssh own", "ssh")
    broken = zone('<service name="own"/><nobodys/>') | {
        "/etc/firewalld/services/own.xml": '<service><protocol value="vrrp"/></service>\n'
    }
    assert firewall(broken | {ZONES: stock}).accepts(ADVERT).verdict is False
    assert firewall(broken | rules()).accepts(SIGNED).verdict is None


def test_policies_and_direct_rules() -> None:
    policy = "lb (active)\n  priority: -1\n  target: CONTINUE\n  ingress-zones: ANY\n  egress-zones: HOST\n"
    files = {ZONES: EL7.replace(" vrrp", "")}
    assert firewall(files).accepts(ADVERT).verdict is False
    assert firewall(files | {POLICIES: policy + "  protocols: vrrp\n"}).accepts(ADVERT).verdict is True
    direct = {RULES: "ipv4 filter INPUT 0 -p vrrp -m comment --comment 'a b' -j ACCEPT\n"}
    assert firewall(files | direct, "el7").accepts(ADVERT).verdict is True
    assert firewall(files | direct, "el8").accepts(ADVERT).verdict is False
    through = {RULES: "", PASSTHROUGHS: "ipv4 -I INPUT -p vrrp -j ACCEPT\n"}
    assert firewall(files | through, "el7").accepts(ADVERT).verdict is True


def test_direct_rules_of_the_file_that_are_not_loaded() -> None:
    file = '<direct><rule ipv="ipv4" table="filter" chain="INPUT" priority="0">-p vrrp -j ACCEPT</rule></direct>\n'
    files = {ZONES: EL7.replace(" vrrp", ""), RULES: "", "/etc/firewalld/direct.xml": file}
    found = firewall(files | zone(""), "el7")
    assert found.accepts(ADVERT).verdict is False
    assert found.written(ADVERT).verdict is True


def test_what_the_kernel_has_outranks_it() -> None:
    kernel = "table inet firewalld {\nchain c {\ntype filter hook input priority 10; policy drop;\n}\n}\n"
    for path in ("/sos_commands/firewall_tables/nft_-a_list_ruleset", "/sos_commands/firewalld/nft_list_ruleset"):
        assert firewall(zone("") | {ZONES: EL7, path: kernel}).accepts(ADVERT).verdict is False


def test_it_says_what_half_of_the_kernels_rules_leave_open() -> None:
    """iptables-save of iptables-nft shows none of firewalld's rules."""
    header = "# Generated by iptables-save v1.8.9 (nf_tables)\n*filter\n:INPUT ACCEPT [0:0]\n"
    half = {"/sos_commands/firewall_tables/iptables-save": f"{header}-A INPUT -p udp -j DROP\nCOMMIT\n"}
    files = zone('<protocol value="vrrp"/><port port="514" protocol="udp"/>')
    found = firewall(files | half | {ZONES: EL7.replace("8443-8445/tcp", "514/udp")})
    assert found.accepts(ADVERT).verdict is True
    assert found.accepts(to_port(514, over=UDP)).verdict is False
    assert found.accepts(to_port(443)).verdict is False


def test_an_interface_is_in_the_zone_that_lists_it_unless_a_connection_says_otherwise() -> None:
    files = zone("") | {"/etc/firewalld/zones/dmz.xml": '<zone><protocol value="vrrp"/></zone>\n'}
    listed = {ZONES: EL7.replace("public (active)", "dmz (active)")}
    assert firewall(files | listed).written(ADVERT).verdict is True
    ifcfg = {"/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\n"}
    assert firewall(files | listed | ifcfg).written(ADVERT).verdict is False


@pytest.mark.parametrize(
    "text",
    ["", "FirewallD is not running\n", "Authorization failed.\n    Make sure polkit agent is running.\n", "public\n",
     "public (active)\n  target", "public:\n  target: default\n"],
)  # fmt: skip
def test_what_is_no_listing(text: str) -> None:
    assert firewall(zone("") | {ZONES: text}).captured is None
