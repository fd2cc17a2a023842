"""What the network files of Debian and Ubuntu say of a node's interfaces, and what they leave open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint.models import interfaces
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

IFUPDOWN = "/etc/network/interfaces"
NETPLAN = "/etc/netplan/50-cloud-init.yaml"
NETWORKD = "/etc/systemd/network/10-eth0.network"


def read(files: dict[str, str]) -> interfaces.Interfaces:
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in files.items()}
    return interfaces.read(Node("lb1", "lb1", sources, Targets()))


DEBIAN = """\
# This file describes the network interfaces available on your system
source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

allow-hotplug ens18
iface ens18 inet static
\taddress 192.0.2.11/24
\tgateway 192.0.2.1
\t# dns-* options are implemented by the resolvconf package, if installed
\tdns-nameservers 192.0.2.53

iface ens18 inet6 static
    address 2001:db8::11
    netmask 64
    gateway fe80::1

auto ens18:1
iface ens18:1 inet static
    address 192.0.2.21
    netmask \\
        255.255.255.0
"""


def test_ifupdown() -> None:
    model = read(
        {IFUPDOWN: DEBIAN, "/etc/network/interfaces.d/vlan7": "iface ens18.7 inet static\naddress 10.0.0.1/8\n"}
    )
    assert model.configured == {
        "ens18": ["192.0.2.11/24", "2001:db8::11/64", "192.0.2.21/24"],
        "ens18.7": ["10.0.0.1/8"],
    }
    assert model.names == {"lo", "ens18", "ens18.7"}
    assert {gateway: word.raw for gateway, word in model.gateways.items()} == {
        "192.0.2.1": "192.0.2.1",
        "fe80::1": "fe80::1",
    }
    assert model.has("192.0.2.99") is False
    assert [one.length for one in model.networks("ens18", 4)] == [24, 24]


@pytest.mark.parametrize(
    "text",
    [
        "iface eth0 inet static\naddress 192.0.2.11/24\niface eth1 inet dhcp\n",
        "iface eth0 inet static\naddress 192.0.2.11/24\nup ip addr add 192.0.2.12/24 dev eth0\n",
        "iface eth0 inet static\naddress 192.0.2.11/24\nsource /etc/network/other.d/*\n",
        "source interfaces.d/*\niface eth0 inet static\naddress 192.0.2.11/24\n",
    ],
    ids=["dhcp", "command", "folder", "relative"],
)
def test_ifupdown_leaves_open(text: str) -> None:
    model = read({IFUPDOWN: text})
    assert model.has("192.0.2.11") is True
    assert model.has("192.0.2.99") is None


def test_ifupdown_sources_itself() -> None:
    model = read({IFUPDOWN: "source /etc/network/interfaces\niface eth0 inet static\naddress 192.0.2.11/24\n"})
    assert model.addresses == {"eth0": ["192.0.2.11/24"]}


NETPLAN_TEXT = """\
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0:
      dhcp4: no
      addresses:
        - 192.0.2.11/24
        - "2001:db8::11/64":
            lifetime: 0
      routes:
        - to: default
          via: 192.0.2.1
        - to: 198.51.100.0/24
          via: 192.0.2.254
    lan:
      match: {macaddress: "52:54:00:12:34:56"}
      set-name: eth1
      addresses: [198.51.100.11/24]
      gateway6: fe80::1
  vlans:
    eth0.7: {id: 7, link: eth0, addresses: [10.0.0.1/8]}
"""


def test_netplan() -> None:
    more = "network: {ethernets: {eth0: {addresses: [192.0.2.13/24]}}}\n"
    model = read({NETPLAN: NETPLAN_TEXT, "/etc/netplan/60-more.yaml": more})
    assert model.configured == {
        "eth0": ["192.0.2.11/24", "2001:db8::11/64", "192.0.2.13/24"],
        "eth1": ["198.51.100.11/24"],
        "eth0.7": ["10.0.0.1/8"],
    }
    assert {gateway: word.raw for gateway, word in model.gateways.items()} == {
        "192.0.2.1": "192.0.2.1",
        "fe80::1": "fe80::1",
    }
    assert model.has("192.0.2.99") is False


@pytest.mark.parametrize(
    "text",
    [
        NETPLAN_TEXT.replace("dhcp4: no", "dhcp4: true"),
        NETPLAN_TEXT + "  wifis:\n    wlan0:\n      dhcp4: yes\n",
    ],
)
def test_netplan_by_dhcp(text: str) -> None:
    model = read({NETPLAN: text})
    assert model.has("192.0.2.11") is True
    assert model.has("192.0.2.99") is None


def test_netplan_matches() -> None:
    """An identifier with a match is no name: what the match means is not known by the file alone."""
    by_mac = "network: {ethernets: {lan: {match: {macaddress: x}, addresses: [192.0.2.11/24]}}}\n"
    by_name = "network: {ethernets: {lan: {match: {name: 'ens*'}, addresses: [192.0.2.11/24]}}}\n"
    for text, inside, outside in ((by_mac, "eth0", ""), (by_name, "ens3", "eth0")):
        model = read({NETPLAN: text})
        assert model.names == set()
        assert model.addresses == {"": ["192.0.2.11/24"]}
        assert model.mentions(inside)
        assert not outside or not model.mentions(outside)


@pytest.mark.parametrize(
    "text",
    ["network: [", "network: {ethernets: {eth0: {addresses: [&a [*a]]}}}", "- x", "network:\n", "x: *y", "!!t x"],
)
def test_netplan_hostile(text: str) -> None:
    assert read({NETPLAN: text}).addresses == {}


@given(st.text(alphabet="iface adres:/*[]{}\n\\\"'#&-1290.", max_size=200))
def test_any_text(text: str) -> None:
    for path in (IFUPDOWN, NETPLAN, NETWORKD):
        read({path: text})


NETWORKD_TEXT = """\
[Match]
Name=eth0

[Network]
Address=192.0.2.11/24
Address=2001:db8::11/64
Gateway=192.0.2.1

[Address]
Address=192.0.2.12/24
"""


def test_networkd() -> None:
    later = "[Match]\nName=eth0\n[Network]\nAddress=192.0.2.77/24\n"
    route = "[Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.254\n"
    model = read(
        {NETWORKD: NETWORKD_TEXT, "/etc/systemd/network/20-eth0.network": later, NETWORKD + ".d/r.conf": route}
    )
    assert model.configured == {"eth0": ["192.0.2.11/24", "2001:db8::11/64", "192.0.2.12/24"]}
    assert list(model.gateways) == ["192.0.2.1"]
    assert model.has("192.0.2.77") is False, "the first file that matches is the one that counts"


def test_networkd_leaves_open() -> None:
    dynamic = read({NETWORKD: NETWORKD_TEXT.replace("Gateway=192.0.2.1", "DHCP=ipv4")})
    assert dynamic.has("192.0.2.99") is None
    pattern = read({NETWORKD: "[Match]\nName=en* !eth0\n[Network]\nAddress=192.0.2.11/24\n"})
    assert pattern.names == set()
    assert pattern.mentions("eth0")


CAPTURED = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet6 fe80::5054:ff:fe12:3456/64 scope link
       valid_lft forever preferred_lft forever
3: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default qlen 1000
    link/ether 52:54:00:12:34:57 brd ff:ff:ff:ff:ff:ff
"""


@pytest.mark.parametrize("name", ["ip_-d_address", "ip_address", "ip_addr"])
def test_captured_addresses(name: str) -> None:
    model = read({"/sos_commands/networking/" + name: CAPTURED})
    assert model.captured
    assert model.addresses == {"lo": ["127.0.0.1/8"], "eth0": ["192.0.2.11/24", "fe80::5054:ff:fe12:3456/64"]}
    assert model.configured == {}


IFCFG = "/etc/sysconfig/network-scripts/ifcfg-"
KEYFILE = "/etc/NetworkManager/system-connections/eth0.nmconnection"
CONNECTION = "[connection]\nid=x\ntype={type}\n{more}\n[ipv4]\nmethod=manual\n{ipv4}\n"


@pytest.mark.parametrize(
    "ipv4, addresses, gateways",
    [
        ("address1=192.0.2.11/24,192.0.2.1", ["192.0.2.11/24"], ["192.0.2.1"]),
        ("address1=192.0.2.5;24;192.0.2.1", ["192.0.2.5/24"], ["192.0.2.1"]),
        ("addresses1=192.0.2.5;24;192.0.2.1;", ["192.0.2.5/24"], ["192.0.2.1"]),
        (
            "address=192.0.2.5/24\naddress2=192.0.2.6/24\ngateway=192.0.2.1",
            ["192.0.2.5/24", "192.0.2.6/24"],
            ["192.0.2.1"],
        ),
        ("address1=192.0.2.5/24\nroute1=0.0.0.0/0,192.0.2.254,100", ["192.0.2.5/24"], ["192.0.2.254"]),
        ("address1=192.0.2.5/24\nroute1=198.51.100.0/24,192.0.2.254", ["192.0.2.5/24"], []),
        ("address1=192.0.2.5/24,\naddress7=192.0.2.7", ["192.0.2.5/24", "192.0.2.7"], []),
        ("addr1=192.0.2.5/24", [], []),
    ],
)
def test_keyfile(ipv4: str, addresses: list[str], gateways: list[str]) -> None:
    # As libnm 1.42 reads them (NM.keyfile_read).
    model = read({KEYFILE: CONNECTION.format(type="ethernet", more="interface-name=eth0", ipv4=ipv4)})
    assert model.configured == ({"eth0": addresses} if addresses else {})
    assert list(model.gateways) == gateways


@pytest.mark.parametrize(
    "type, more, interface",
    [
        ("vlan", "[vlan]\nid=100\nparent=bond0", "bond0.100"),
        ("vlan", "interface-name=vlan100\n[vlan]\nid=100\nparent=bond0", "vlan100"),
        ("bond", "[bond]\ninterface-name=bond0\nmode=active-backup", "bond0"),
        ("bridge", "interface-name=br0\nzone=internal", "br0"),
    ],
)
def test_keyfile_of_a_virtual_interface(type: str, more: str, interface: str) -> None:
    model = read({KEYFILE: CONNECTION.format(type=type, more=more, ipv4="address1=192.0.2.11/24")})
    assert model.configured == {interface: ["192.0.2.11/24"]}
    assert model.names == {interface}
    assert model.zone(interface)[0] == ("internal" if "zone" in more else None)


@pytest.mark.parametrize(
    "files",
    [
        {
            KEYFILE: CONNECTION.format(
                type="ethernet", more="[ethernet]\nmac-address=00:11:22:33:44:55", ipv4="address1=192.0.2.11/24"
            )
        },
        {IFCFG + "Wired_connection_1": "HWADDR=00:11:22:33:44:55\nTYPE=Ethernet\nIPADDR=192.0.2.11\nPREFIX=24\n"},
    ],
    ids=["keyfile", "ifcfg"],
)
def test_a_connection_without_an_interface_may_be_of_any(files: dict[str, str]) -> None:
    model = read(files)
    assert model.names == set()
    assert model.mentions("eth0")
    assert model.configured == {"": ["192.0.2.11/24"]}
    assert model.has("192.0.2.11") is True


@pytest.mark.parametrize(
    "files",
    [
        {
            KEYFILE: CONNECTION.format(
                type="ethernet", more="interface-name=eth0\nautoconnect=false", ipv4="address1=192.0.2.11/24"
            )
        },
        {IFCFG + "eth0": 'DEVICE=eth0\nONBOOT="no"\nIPADDR=192.0.2.11\nPREFIX=24\n'},
    ],
    ids=["keyfile", "ifcfg"],
)
def test_a_connection_that_nobody_starts_may_be_there(files: dict[str, str]) -> None:
    model = read(files)
    assert model.names == {"eth0"}
    assert model.has("192.0.2.11") is None
    assert model.has("192.0.2.99") is None


BOND = """\
DEVICE="bond0"
ONBOOT=yes
IPADDR0=192.0.2.11
NETMASK0=255.255.255.0
GATEWAY0=192.0.2.1
ZONE=dmz
"""


def test_ifcfg_of_a_bond() -> None:
    model = read(
        {
            IFCFG + "eth0": "DEVICE=eth0\nONBOOT=yes\nMASTER=bond0\nSLAVE=yes\nBOOTPROTO=none\n",
            IFCFG + "bond0": BOND,
            IFCFG + "eth9": "DEVICE=eth9\nONBOOT=no\nBOOTPROTO=none\n",
            IFCFG + "bond0.100": "VLAN=yes\nDEVICE=bond0.100\nONBOOT=yes\nIPADDR=10.0.0.2\nPREFIX=24\n",
            IFCFG + "bond0:1": "DEVICE=bond0:1\nIPADDR=192.0.2.12\nNETMASK=255.255.255.0\n",
            IFCFG + "bond0.bak": "DEVICE=eth7\nIPADDR=192.0.2.13\n",
            "/etc/sysconfig/network": "NETWORKING=yes\nGATEWAY=192.0.2.254\n",
        }
    )
    assert model.configured == {"bond0": ["192.0.2.11/24", "192.0.2.12/24"], "bond0.100": ["10.0.0.2/24"]}
    assert model.names == {"eth0", "eth9", "bond0", "bond0.100"}
    assert set(model.gateways) == {"192.0.2.1", "192.0.2.254"}
    assert model.zone("bond0")[0] == "dmz"
    assert model.has("192.0.2.13") is False


@pytest.mark.parametrize(
    "second, address", [("dhcp4: false", False), ("addresses: [192.0.2.3/24]", None), ("dhcp4: true", None)]
)
def test_a_later_file_of_netplan_overrides(second: str, address: bool | None) -> None:
    # netplan 0.106: of both files the addresses, of the later one whether DHCP is asked.
    text = "network:\n  version: 2\n  ethernets:\n    eth0:\n      {}\n"
    first = text.format("dhcp4: true\n      addresses: [192.0.2.2/24]")
    model = read({NETPLAN: first, "/etc/netplan/60-static.yaml": text.format(second)})
    assert "192.0.2.2/24" in model.configured["eth0"]
    assert model.has("192.0.2.99") is address


def test_netplan_reads_one_document() -> None:
    text = "network:\n  ethernets:\n    {0}:\n      addresses: [192.0.2.{1}/24]\n"
    model = read({NETPLAN: f"{text.format('eth0', 2)}---\n{text.format('eth1', 9)}"})
    assert model.configured == {"eth0": ["192.0.2.2/24"]}


def test_an_interface_without_an_address_is_not_there_for_vrrp() -> None:
    text = (
        "1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN\n    inet 127.0.0.1/8 scope host lo\n"
        "2: eth0: <BROADCAST,UP> mtu 1500 qdisc mq state UP\n    inet 192.0.2.11/24 scope global eth0\n"
        "    inet 192.0.2.10/24 scope global secondary eth0\n3: eth1: <BROADCAST> mtu 1500 qdisc noop state DOWN\n"
    )
    model = read({"/sos_commands/networking/ip_-d_address": text})
    assert model.names == {"lo", "eth0"}
    held = {address: (interface, word.text) for address, (interface, word) in model.held.items()}
    assert held == {
        "127.0.0.1": ("lo", "127.0.0.1/8"),
        "192.0.2.11": ("eth0", "192.0.2.11/24"),
        "192.0.2.10": ("eth0", "192.0.2.10/24"),
    }
