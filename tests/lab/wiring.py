"""Which interfaces and addresses the machines of a cluster need, as its files say.

Interfaces: those that captured state shows; else those that keepalived.conf names, and those with known addresses. Two
are on one segment where their names are the same or instances of one virtual router use them, unless their known
addresses are of different networks. Addresses: the known
ones; else those that unicast_src_ip and mcast_src_ip say; else those that the peers send to; else made up in the
network of the virtual address.
"""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv4Network, ip_address, ip_interface, ip_network

from halint.cluster import Cluster
from halint.cluster.virtual_router import pair
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node

_LENGTHS = {4: 24, 6: 64}
#: High, where no example has a virtual address.
_FIRST_HOST = 241
_NOT_MADE = {"lo", ""}

#: A node's name, and an interface of it.
Place = tuple[str, str]


class Wiring:
    """segments: by place, the number of the segment. addresses: by place, as `ADDRESS/LENGTH`."""

    def __init__(self, clusters: list[Cluster]) -> None:
        self.nodes = [node for cluster in clusters for node in cluster.nodes]
        self.addresses: dict[Place, list[str]] = {}
        for node in self.nodes:
            for interface in _interfaces(node):
                self.addresses[node.name, interface] = list(node.interfaces.addresses.get(interface, []))
        self._number = {node.name: number for number, node in enumerate(self.nodes)}
        self.segments = self._segments()
        for written in (True, False):
            for node in self.nodes:
                for instance in node.instances:
                    self._address(node, instance, written)
        for place, known in self.addresses.items():
            if not any(ip_interface(one).version == 6 and ip_interface(one).is_link_local for one in known):
                known.append(f"fe80::{self._host(place[0]):x}/64")

    def _segments(self) -> dict[Place, int]:
        """Places in groups, each with a number."""
        networks = {place: _networks(known) for place, known in self.addresses.items()}
        group = {place: {place} for place in networks}
        alike = [(one, other) for one in group for other in group if one[1] == other[1]]
        for router in pair(self.nodes):
            used = [(m.node.name, m.instance.interface.value or "") for m in router.members]
            used = [place for place in used if place in group]
            alike += [(one, other) for one in used for other in used]
        for one, other in alike:
            if networks[one].isdisjoint(networks[other]) and networks[one] and networks[other]:
                continue
            group[one] |= group[other]
            for place in group[one]:
                group[place] = group[one]
        first = {place: min(members) for place, members in group.items()}
        numbers = {place: number for number, place in enumerate(sorted(set(first.values())))}
        return {place: numbers[first[place]] for place in group}

    def _address(self, node: Node, instance: VrrpInstance, written: bool) -> None:
        """Give the interface of `instance` the address that its files ask for, or one made up where it has none."""
        known = self.addresses.get((node.name, instance.interface.value or ""))
        family = instance.family
        if known is None or family is None:
            return
        network = _network(instance)
        taken = {address for known in self.addresses.values() for address in _hosts(known)}
        if written:
            for setting in (instance.unicast_src_ip, instance.mcast_src_ip):
                own = _host_of(setting.value or "")
                if own and own not in taken and own not in instance.all_vips and node.interfaces.has(own) is None:
                    known.append(f"{own}/{_length(own, network)}")
            return
        if any(ip_interface(one).version == family and not ip_interface(one).is_link_local for one in known):
            return
        if own := self._meant_by_peers(instance, taken):
            known.append(f"{own}/{_length(own, network)}")
        elif network is not None and not ip_network(network).is_link_local:
            host = ip_network(network, strict=False).network_address + self._host(node.name)
            known.append(f"{host}/{network.partition('/')[2]}")

    def _meant_by_peers(self, instance: VrrpInstance, taken: set[str]) -> str | None:
        """The address that others send to and nobody has, rather one that the instance does not send to itself."""
        others = [peer for node in self.nodes for one in node.instances if one.vrid.value == instance.vrid.value
                  for peer in sorted(one.peers) if one is not instance]  # fmt: skip
        free = [peer for peer in others if peer not in taken and peer not in instance.peers]
        return free[0] if free else None

    def _host(self, name: str) -> int:
        return _FIRST_HOST + self._number[name]


def _interfaces(node: Node) -> list[str]:
    found = [*node.interfaces.addresses]
    if node.interfaces.captured:
        return [name for name in found if name not in _NOT_MADE]
    for instance in node.instances:
        found.append(instance.interface.value or "")
        found += [tracked.name for tracked in instance.tracked if tracked.kind == "interface"]
        for address in (*instance.addresses, *instance.excluded):
            words = [word.text for word in address.statement.words]
            if "dev" in words[:-1]:
                found.append(words[words.index("dev") + 1])
    return [name for name in dict.fromkeys(found) if name not in _NOT_MADE and len(name) < 16]


def _network(instance: VrrpInstance) -> str | None:
    """The network that the first virtual address is in."""
    for address in instance.addresses:
        if address.address and _version(address.address) == instance.family:
            written = address.statement.words[0].text.partition("/")[2]
            length = int(written) if written.isdigit() else 0
            length = length if 8 <= length < (32 if instance.family == 4 else 128) else _LENGTHS[instance.family or 4]
            return str(ip_network(f"{address.address}/{length}", strict=False))
    return None


def _length(own: str, network: str | None) -> str:
    if network is not None and ip_network(network).version == _version(own) and ip_address(own) in ip_network(network):
        return network.partition("/")[2]
    return str(_LENGTHS[_version(own)])


def _networks(known: list[str]) -> set[IPv4Network]:
    return {found.network for one in known if isinstance(found := ip_interface(one), IPv4Interface)}


def _host_of(text: str) -> str | None:
    try:
        return str(ip_address(text.partition("/")[0]))
    except ValueError:
        return None


def _hosts(known: list[str]) -> set[str]:
    return {str(ip_interface(one).ip) for one in known}


def _version(text: str) -> int:
    return ip_address(text).version
