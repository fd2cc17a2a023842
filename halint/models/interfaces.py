"""What is known of a node's interfaces: their static addresses and zones, and the node's host name.

From ifcfg files (EL 7 to 9), NetworkManager keyfiles, the files of halint/models/network_files.py, and captured output
of ip(8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import globs
from halint.address import Network, canonical, family, network
from halint.models.reading import tree_as
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.node import Node
    from halint.source import Source

#: Where the output of `ip -o addr` and its kin stands in sos reports; the first that is there counts.
CAPTURED = tuple(
    "/sos_commands/networking/" + name for name in ("ip_-o_addr", "ip_-d_address", "ip_address", "ip_addr")
)

_IFCFG = "/etc/sysconfig/network-scripts/ifcfg-"
#: Ends of what the network scripts pass over.
_NO_IFCFG = ("~", ".bak", ".old", ".orig", ".rpmnew", ".rpmorig", ".rpmsave")
#: The start of the paths of other files.
_OTHERS = ("/etc/network/", "/etc/netplan/", "/etc/systemd/network/")
#: The gateway that holds for all interfaces, unless a file of one says another.
_NETWORK = "/etc/sysconfig/network"
_KEYFILES = "/etc/NetworkManager/system-connections/"


class Interfaces:
    """addresses: by interface, as `ADDRESS/LENGTH`, the length as far as it is given; "" holds those of
    connections that name no interface. configured: the same, without what `ip -o addr` shows. written: what the files
    say, canonical, each with its interface and where it stands. captured: whether
    that gave some: then the virtual addresses that the node held at that moment are among them, and an interface
    without any address is not. held: what it gave, canonical, each with its interface and where it stands.
    names: the interfaces that some file names. patterns: what files match others by. dynamic: whether there may be
    IPv4 addresses that no file says: by DHCP, by a command. gateways: the routers that it sends to, canonical, with
    where each is written. hostname: of /etc/hostname, or None. connections: whether there are files of connections:
    one without a zone is in the default zone then.
    """

    def __init__(self) -> None:
        self.addresses: dict[str, list[str]] = {}
        self.configured: dict[str, list[str]] = {}
        self.written: dict[str, tuple[str, Word]] = {}
        self.captured = False
        self.held: dict[str, tuple[str, Word]] = {}
        self.names: set[str] = set()
        self.patterns: list[str] = []
        self.gateways: dict[str, Word] = {}
        self.hostname: str | None = None
        self.dynamic = self.connections = False
        self._zones: dict[str, Word] = {}

    def zone(self, interface: str) -> tuple[str | None, Word | None]:
        """The firewalld zone that the connection of `interface` asks for, and where; (None, None) where none does."""
        word = self._zones.get(interface)
        return (None, None) if word is None or not word.text else (word.text, word)

    def mention(self, interface: str) -> str:
        """Note that some file names `interface`; where that is empty, it may mean any. Returns it."""
        if interface:
            self.names.add(interface)
        else:
            self.patterns.append("*")
        return interface

    def mentions(self, interface: str) -> bool:
        """Whether some file names `interface`, or may mean it."""
        return interface in self.names or any(globs.matches(pattern, interface) for pattern in self.patterns)

    def has(self, address: str) -> bool | None:
        """Whether `address` is one of the node's; None where not all of them are known (DHCP, IPv6 router
        advertisements, not collected)."""
        wanted = canonical(address)
        if wanted is None:
            return None
        if any(canonical(known) == wanted for known in self._all()):
            return True
        static = bool(self._all()) and not self.dynamic and family(wanted) == 4
        return False if self.captured or static else None

    def add_gateway(self, text: str, word: Word) -> None:
        gateway = canonical(text)
        if gateway is not None:
            self.gateways.setdefault(gateway, word)

    def networks(self, interface: str, family: int) -> list[Network]:
        """The networks of one family that `interface` is connected to, as far as they are known."""
        found = (network(address) for address in self.addresses.get(interface, ()) if "/" in address)
        return [one for one in found if one is not None and one.family == family]

    def _all(self) -> list[str]:
        return [address for addresses in self.addresses.values() for address in addresses]

    def add(self, interface: str, address: str, word: Word | None = None) -> None:
        """word: where a file says so."""
        plain = canonical(address)
        if plain is not None and word is not None:
            self.written.setdefault(plain, (interface, word))
        if network(address) is not None:
            addresses = self.addresses.setdefault(interface, [])
            if address not in addresses:
                addresses.append(address)


def read(node: Node) -> Interfaces:
    """The interfaces of `node`."""
    model = Interfaces()
    for path, source in node.matching(_IFCFG):
        if not path.endswith(_NO_IFCFG):
            model.connections = True
            _read_ifcfg(model, path.removeprefix(_IFCFG), tree_as(node, source, "assignments").statements)
    if _NETWORK in node.files:
        for statement in tree_as(node, node.files[_NETWORK], "assignments").statements:
            if statement.keyword == "GATEWAY" and len(statement.words) > 1:
                model.add_gateway(statement.words[1].text, statement.words[1])
    for path, source in node.matching(_KEYFILES):
        if not path.endswith("~"):
            model.connections = True
            _read_keyfile(model, tree_as(node, source, "ini").statements)
    if any(path.startswith(_OTHERS) for path in node.files):
        from halint.models import network_files

        network_files.read(model, node)
    model.configured = {interface: list(addresses) for interface, addresses in model.addresses.items()}
    for path in CAPTURED:
        if path in node.files and not model.captured:
            _read_captured(model, node.files[path])
    hostname = node.files.get("/etc/hostname")
    if hostname is not None:
        lines = (line.strip(" \t\r") for line in hostname.text.split("\n"))
        model.hostname = next((line for line in lines if line and not line.startswith("#")), None)
    return model


def _read_ifcfg(model: Interfaces, name: str, statements: list[Statement]) -> None:
    values = {s.keyword: s.words[1] for s in statements if len(s.words) > 1}

    def text(key: str) -> str:
        return values[key].text if key in values else ""

    # The name of a file that goes by the hardware address is that of a connection.
    known = text("DEVICE") or ("" if text("HWADDR") else name)
    interface = model.mention(known.partition(":")[0])
    if "ZONE" in values:
        model._zones.setdefault(interface, values["ZONE"])
    if text("BOOTPROTO").lower() in ("dhcp", "bootp") or text("DHCPV6C").lower() in ("yes", "true", "1"):
        model.dynamic = True
    for key in values:
        if compiled(r"GATEWAY\d*|IPV6_DEFAULTGW").fullmatch(key):
            model.add_gateway(text(key).partition("%")[0], values[key])
    by_hand = text("ONBOOT").lower() in ("no", "false", "0")
    for key in values:
        number = compiled(r"IPADDR(\d*)").fullmatch(key)
        if number is not None and by_hand:
            model.dynamic = True
        elif number is not None:
            length = text("PREFIX" + number[1]) or text("NETMASK" + number[1])
            model.add(interface, with_length(text(key), length), values[key])
    for key in ("IPV6ADDR", "IPV6ADDR_SECONDARIES"):
        for address in [] if by_hand else compiled(r"[^ \t\r\n,]+").findall(text(key)):
            model.add(interface, address, values[key])


def _read_keyfile(model: Interfaces, statements: list[Statement]) -> None:
    """A connection. What is taken as an address is what NetworkManager takes (libnm 1.42, measured)."""
    values = {(s.keyword, a.keyword): a.words[1] for s in statements for a in s.statements() if len(a.words) > 1}

    def text(section: str, key: str) -> str:
        return values[section, key].text if (section, key) in values else ""

    kind, vlan = text("connection", "type"), (text("vlan", "parent"), text("vlan", "id"))
    name = text("connection", "interface-name") or text(kind, "interface-name")
    if not name and kind == "vlan" and all(vlan):
        name = ".".join(vlan)
    interface = model.mention(name)
    zone = values.get(("connection", "zone"))
    if zone is not None:
        model._zones.setdefault(interface, zone)
    by_hand = text("connection", "autoconnect").lower() in ("false", "no", "0")
    if text("ipv4", "method") in ("auto", "shared"):
        model.dynamic = True
    for (section, key), word in values.items():
        if section not in ("ipv4", "ipv6"):
            continue
        if compiled(r"address(?:es)?\d*").fullmatch(key):
            # ADDRESS/LENGTH,GATEWAY, and as it was up to 0.9.8 ADDRESS;LENGTH;GATEWAY
            own, length, gateway = (*compiled(r"[;,/]").split(word.text), "", "")[:3]
            if by_hand:
                model.dynamic = True
            else:
                model.add(interface, f"{own}/{length}" if length else own, word)
            model.add_gateway(gateway, word)
        elif compiled(r"routes?\d*").fullmatch(key):
            route = compiled(r"(?:0\.0\.0\.0|::)[/;]0[,;]([^,;]+)").match(word.text)
            model.add_gateway(route[1] if route else "", word)
        elif key == "gateway":
            model.add_gateway(word.text, word)


def _read_captured(model: Interfaces, source: Source) -> None:
    """Take over what `ip -o addr` printed, or `ip -d address`, in which the interface stands on a line of its own."""
    interface = ""
    lines = compiled(r"(?m)^(?:[0-9]+:[ \t]+([^ \t\r\n@:]+)[^ \t\r\n]*)?[ \t]+(?:inet6?[ \t]+([^ \t\r\n]+))?")
    for line in lines.finditer(source.text):
        interface = line[1] or interface
        if line[2] and interface:
            model.captured = True
            model.names.add(interface)
            model.add(interface, line[2])
            held = canonical(line[2])
            if held is not None:
                model.held.setdefault(held, (interface, Word(source, line.start(2), line.end(2))))


def with_length(address: str, length: str) -> str:
    """`ADDRESS/LENGTH` from an address and a prefix length or a netmask."""
    found = network(f"{address}/{length}") if length else None
    return address if found is None else f"{address}/{found.length}"
