"""CLUSTER.toml, read and checked: what the files of the nodes are written from.

Everything that reaches a configuration file passes one of the patterns here, so no value can break out of
its place in any of the formats.
"""

from __future__ import annotations

import os
import stat
import tomllib
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface
from typing import Any, NamedTuple

from halint.generator.error import GenerateError
from halint.generator.table import Table, shown
from halint.generator.target import TARGETS, Target

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface

#: Every key, by the table that it may stand in.
KEYS = {
    "": ("target", "transport", "auth_pass_file", "auth_pass_env", "management_ports", "nodes", "virtual_routers",
         "frontends", "backends"),
    "nodes": ("name", "interface", "addresses"),
    "virtual_routers": ("name", "id", "addresses", "order"),
    "frontends": ("name", "mode", "binds", "backend"),
    "binds": ("address", "port", "certificate"),
    "backends": ("name", "balance", "health_path", "servers"),
    "servers": ("name", "address", "port"),
}  # fmt: skip

#: The frontend on the loopback that keepalived's check asks. Port 8008 is one that SELinux lets haproxy bind
#: and keepalived connect to (http_port_t).
CHECK_NAME = "keepalived-check"

MAX_NODES = 16
_SIZE_LIMIT = 1 << 20
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
_NAME_MEANING = "a name of letters, digits, '.', '_' and '-'"
_BALANCE = ("roundrobin", "leastconn", "source", "first")


class Node(NamedTuple):
    """addresses: its own, with the length of their network."""

    name: str
    interface: str
    addresses: list[Interface]


class Member(NamedTuple):
    """A node's part in a virtual router. source: the address that its adverts come from."""

    node: Node
    priority: int
    source: Interface


class VirtualRouter(NamedTuple):
    """preempt: whether the addresses go back to a preferred node that has recovered."""

    name: str
    id: int
    addresses: list[Address]
    members: list[Member]
    preempt: bool

    @property
    def family(self) -> int:
        return self.addresses[0].version

    def member(self, node: Node) -> Member:
        return next(member for member in self.members if member.node is node)

    def peers(self, node: Node) -> list[Address]:
        return [member.source.ip for member in self.members if member.node is not node]


class Bind(NamedTuple):
    address: Address
    port: int
    certificate: str


class Frontend(NamedTuple):
    name: str
    mode: str
    binds: list[Bind]
    backend: str


class Server(NamedTuple):
    name: str
    address: Address
    port: int


class Backend(NamedTuple):
    """mode: that of the frontends that use it. health_path: asked by HTTP, or "" for a connection attempt."""

    name: str
    mode: str
    balance: str
    health_path: str
    servers: list[Server]


class Plan(NamedTuple):
    """A whole cluster. file: the CLUSTER.toml, as it was named."""

    file: str
    target_name: str
    unicast: bool
    auth_pass_file: str
    auth_pass_env: str
    management_ports: list[int]
    nodes: list[Node]
    routers: list[VirtualRouter]
    frontends: list[Frontend]
    backends: list[Backend]

    @property
    def target(self) -> Target:
        return TARGETS[self.target_name]

    @property
    def authenticated(self) -> bool:
        """Whether any adverts carry the secret: those of VRRP version 3, which IPv6 needs, do not."""
        return any(router.family == 4 for router in self.routers)

    @property
    def ports(self) -> list[int]:
        return sorted({bind.port for frontend in self.frontends for bind in frontend.binds})

    @property
    def families(self) -> list[int]:
        """The address families of the virtual addresses."""
        return sorted({router.family for router in self.routers})


def read(path: str) -> Plan:
    """Read and check the CLUSTER.toml at `path`; raises GenerateError."""
    path = os.fspath(path)
    top = Table(path, "", _load(path), KEYS[""])
    target_name = top.choice("target", TARGETS)
    transport = top.choice("transport", ("unicast", "multicast"), "unicast")
    auth_pass_file, auth_pass_env = _secret_keys(top)
    nodes = _nodes(top)
    routers = _routers(top, nodes)
    addresses = [address for router in routers for address in router.addresses]
    backends = top.tables("backends", KEYS["backends"])
    frontends = _frontends(top, addresses, [table.word("name", _NAME, _NAME_MEANING) for table in backends])
    plan = Plan(
        path,
        target_name,
        transport == "unicast",
        auth_pass_file,
        auth_pass_env,
        sorted(set(top.integers("management_ports", 1, 65535, [22]))),
        nodes,
        routers,
        frontends,
        _backends(backends, frontends, addresses),
    )
    for key in ("auth_pass_file", "auth_pass_env"):
        if key in top and not plan.authenticated:
            top.fail(key, "VRRP for IPv6 knows no authentication")
    return plan


def _load(path: str) -> dict[str, Any]:
    try:
        # opening a named pipe would wait for a writer
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            raise GenerateError(f"{path}: is no file")
        with open(path, "rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise GenerateError(f"{path}: {error.strerror}") from None
    if len(data) > _SIZE_LIMIT:
        raise GenerateError(f"{path}: is larger than 1 MiB")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise GenerateError(f"{path}: is not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise GenerateError(f"{path}: arrays or tables are nested too deeply") from None
    except ValueError as error:
        raise GenerateError(f"{path}: {error}") from None


def _secret_keys(top: Table) -> tuple[str, str]:
    if "auth_pass_file" in top and "auth_pass_env" in top:
        top.fail("auth_pass_env", "auth_pass_file is given too; give one of them")
    file = top.text("auth_pass_file") if "auth_pass_file" in top else ""
    if "auth_pass_file" in top and (not file or "\0" in file):
        top.fail("auth_pass_file", "is no path")
    name = top.word("auth_pass_env", r"[A-Za-z_][A-Za-z0-9_]*", "a variable") if "auth_pass_env" in top else ""
    return file, name


def _nodes(top: Table) -> list[Node]:
    nodes: list[Node] = []
    used: set[Address] = set()
    for table in top.tables("nodes", KEYS["nodes"]):
        name = table.word("name", _NAME, _NAME_MEANING)
        if any(name.lower() == node.name.lower() for node in nodes):
            table.fail("name", "another node has this name")
        interface = table.word(
            "interface", r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}", "the name of a network interface (at most 15 characters)"
        )
        if interface == "lo":
            table.fail("interface", "keepalived refuses the loopback")
        addresses = [_own_address(table, text) for text in table.texts("addresses")]
        for address in addresses:
            if address.ip in used:
                table.fail("addresses", f"{address.ip} is given twice")
            used.add(address.ip)
        nodes.append(Node(name, interface, addresses))
    if not 2 <= len(nodes) <= MAX_NODES:
        top.fail("nodes", f"a cluster has 2 to {MAX_NODES} nodes, this has {len(nodes)}")
    return nodes


def _own_address(table: Table, text: str) -> Interface:
    address, slash, length = text.partition("/")
    if not slash or not (length.isascii() and length.isdigit()):
        table.fail("addresses", f"{shown(text)} is not ADDRESS/LENGTH")
    ip = _address(table, "addresses", address)
    if ip.is_loopback or ip.is_link_local:
        table.fail("addresses", f"{ip} cannot be reached by the other nodes")
    try:
        interface = ip_interface(f"{ip}/{length}")
    except ValueError:
        table.fail("addresses", f"{shown(text)} has a wrong length")
    if _is_reserved(ip, interface):
        table.fail("addresses", f"{interface} is the address of the network itself or its broadcast address")
    return interface


def _address(table: Table, key: str, text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        table.fail(key, f"{shown(text)} is no IP address")
    if "%" in text or address.is_multicast or address.is_unspecified or text == "255.255.255.255":
        table.fail(key, f"{shown(text)} is no address of a host")
    return address


def _is_reserved(address: Address, interface: Interface) -> bool:
    """Whether IPv4 gives `address` another meaning in the network of `interface`."""
    network = interface.network
    return network.version == 4 and network.prefixlen < 31 and address in (network[0], network[-1])


def _routers(top: Table, nodes: list[Node]) -> list[VirtualRouter]:
    routers: list[VirtualRouter] = []
    own = {interface.ip: node.name for node in nodes for interface in node.addresses}
    for table in top.tables("virtual_routers", KEYS["virtual_routers"]):
        name = table.word("name", _NAME, _NAME_MEANING)
        if any(name == router.name for router in routers):
            table.fail("name", "another virtual router has this name")
        number = table.integer("id", 1, 255)
        if any(number == router.id for router in routers):
            table.fail("id", "another virtual router has this id")
        addresses = [_virtual_address(table, text) for text in table.texts("addresses")]
        for address in addresses:
            if address in own:
                table.fail("addresses", f"{address} is the own address of {own[address]}: keepalived would remove it")
            if addresses.count(address) > 1 or any(address in router.addresses for router in routers):
                table.fail("addresses", f"{address} is given twice")
            if address.version != addresses[0].version:
                table.fail("addresses", "IPv4 and IPv6 addresses need a virtual router each")
        members = _members(table, nodes, addresses)
        routers.append(VirtualRouter(name, number, addresses, members, "order" in table))
    return routers


def _virtual_address(table: Table, text: str) -> Address:
    if "/" in text:
        table.fail("addresses", f"{shown(text)}: the length is that of the nodes' network; leave it out")
    address = _address(table, "addresses", text)
    if address.is_loopback:
        table.fail("addresses", f"{address} is a loopback address")
    return address


def _members(table: Table, nodes: list[Node], addresses: list[Address]) -> list[Member]:
    """The nodes in the order of the file, with priorities by `order`."""
    order = [node.name for node in nodes]
    if "order" in table:
        order = table.texts("order")
        for name in order:
            if all(name != node.name for node in nodes):
                table.fail("order", f"{shown(name)} is no node")
        if missing := [node.name for node in nodes if node.name not in order]:
            table.fail("order", f"{missing[0]} is missing: name every node once")
    routed = [address for address in addresses if not address.is_link_local]
    if not routed:
        table.fail("addresses", "clients need an address that is not link-local")
    members = []
    for node in nodes:
        for address in routed:
            around = [own for own in node.addresses if address in own.network]
            if not around:
                table.fail("addresses", f"{address} is in no network of {node.name}")
            if any(_is_reserved(address, own) for own in around):
                table.fail("addresses", f"{address} is the address of the network itself or its broadcast address")
        source = next(own for own in node.addresses if routed[0] in own.network)
        members.append(Member(node, 200 - 10 * order.index(node.name), source))
    for member in members:
        if member.source.network != members[0].source.network:
            table.fail(
                "addresses",
                f"{members[0].node.name} is in {members[0].source.network} and {member.node.name} in "
                f"{member.source.network}: the nodes must be in one network",
            )
    return members


def _frontends(top: Table, virtual: list[Address], backends: list[str]) -> list[Frontend]:
    frontends: list[Frontend] = []
    bound: dict[tuple[Address, int], str] = {}
    for table in top.tables("frontends", KEYS["frontends"]):
        name = table.word("name", _NAME, _NAME_MEANING)
        if name == CHECK_NAME or any(name == frontend.name for frontend in frontends):
            table.fail("name", "another frontend has this name")
        binds = []
        for line in table.tables("binds", KEYS["binds"]):
            address = _address(line, "address", line.text("address"))
            if address not in virtual:
                line.fail("address", f"{address} is no virtual address of this file")
            port = line.integer("port", 1, 65535)
            if (address, port) in bound:
                line.fail("port", f"{address} port {port} is bound by {bound[address, port]} too")
            bound[address, port] = name
            certificate = ""
            if "certificate" in line:
                certificate = line.word("certificate", r"/[A-Za-z0-9_./@+-]+", "an absolute path without blanks")
            binds.append(Bind(address, port, certificate))
        mode = table.choice("mode", ("http", "tcp"), "http")
        frontends.append(Frontend(name, mode, binds, table.choice("backend", backends)))
    for address in virtual:
        if not address.is_link_local and all(address != used for used, _ in bound):
            top.fail("frontends", f"none binds {address}")
    return frontends


def _backends(tables: list[Table], frontends: list[Frontend], virtual: list[Address]) -> list[Backend]:
    backends: list[Backend] = []
    taken = {frontend.name for frontend in frontends}
    for table in tables:
        name = table.text("name")
        # haproxy 3.3 and later refuse a frontend and a backend of one name
        if name == CHECK_NAME or name in taken or any(name == backend.name for backend in backends):
            table.fail("name", "another backend or frontend has this name")
        modes = {frontend.mode for frontend in frontends if frontend.backend == name}
        if len(modes) > 1:
            table.fail("name", "frontends of mode http and of mode tcp use it")
        if not modes:
            table.fail("name", "no frontend uses it")
        mode = modes.pop()
        health_path = ""
        if "health_path" in table:
            health_path = table.word("health_path", r"/[A-Za-z0-9_./?=&+~-]*", "a path as in a URL")
            if mode == "tcp":
                table.fail("health_path", "the mode is tcp: only a connection is tried")
        servers = _servers(table, virtual)
        backends.append(Backend(name, mode, table.choice("balance", _BALANCE, "roundrobin"), health_path, servers))
    return backends


def _servers(backend: Table, virtual: list[Address]) -> list[Server]:
    servers: list[Server] = []
    for table in backend.tables("servers", KEYS["servers"]):
        name = table.word("name", _NAME, _NAME_MEANING)
        if any(name == server.name for server in servers):
            table.fail("name", "another server of this backend has this name")
        address = _address(table, "address", table.text("address"))
        if address in virtual:
            table.fail("address", f"{address} is a virtual address: haproxy would ask itself")
        servers.append(Server(name, address, table.integer("port", 1, 65535)))
    return servers
