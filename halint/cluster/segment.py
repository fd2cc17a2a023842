"""What the clusters of a run have in common on an L2 segment: virtual_router_ids, virtual addresses, hosts.

Clusters are taken to share a segment where halint.toml says so, or where their interfaces have addresses of one
network; not where halint.toml names different segments for them, nor where a node of each has the same address: then
the network of one is another site's copy of the other's.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.address import Network

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.cluster.virtual_router import Member, VirtualRouter
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node

#: Where something is: a segment by name with a network on it, or a network alone.
Place = tuple[str, Network | None]
_ANY = Network(0, 0, 0)


class Use:
    """Something in use: by which cluster and node, and through which instance, where it is one's."""

    __slots__ = ("cluster", "member", "node")

    def __init__(self, cluster: Cluster, node: Node, member: Member | None) -> None:
        self.cluster = cluster
        self.node = node
        self.member = member


class Register:
    """Who was first to use what in which place. Each question is answered by one look, so that a fleet takes time in
    proportion to its size; therefore only the first is known of several that use the same. Of two clusters the later
    one is told of the other."""

    def __init__(self, clusters: list[Cluster]) -> None:
        self._first: dict[tuple[Hashable, Place], Use] = {}
        self._anywhere: dict[Hashable, Use] = {}
        self._hosts = {cluster: _hosts(cluster) for cluster in clusters}
        self._order = {cluster: number for number, cluster in enumerate(clusters)}
        for cluster in clusters:
            for router in cluster.virtual_routers:
                for member in router.members:
                    self._enter(cluster, member)
            for node in cluster.nodes:
                self._enter_hosts(cluster, node)

    def same_vrid(self, cluster: Cluster, router: VirtualRouter) -> Iterator[tuple[Member, Use]]:
        """The first member of `router` whose adverts reach another cluster's virtual router of the same number."""
        for member in router.known:
            key = _vrid(member)
            use = self._use(key, cluster, _places(cluster, member)) if key else None
            if use is not None:
                yield member, use
                return

    def same_number_anywhere(self, cluster: Cluster, router: VirtualRouter) -> Iterator[tuple[Member, Use]]:
        """The first member of `router` with the number of a virtual router of which nobody knows whether it is on the
        same segment."""
        for member in router.known:
            use = self._anywhere.get(_vrid(member))
            if use is None or use.member is None or use.cluster is cluster:
                continue
            if not _declared_apart(cluster, use.cluster) and not _disjoint(
                _likely_networks(member), _likely_networks(use.member)
            ):
                yield member, use
                return

    def same_vip(self, cluster: Cluster, router: VirtualRouter) -> Iterator[tuple[Member, str, Use]]:
        """The first virtual address of each member of `router` that another cluster has, too."""
        for member in router.known:
            places = _places(cluster, member)
            for vip in sorted(member.instance.all_vips):
                use = self._use(("vip", vip), cluster, places)
                if use is not None:
                    yield member, vip, use
                    break

    def reserve_vrid(self, cluster: Cluster, member: Member) -> int | None:
        """The next number behind that of `member` that nobody uses where it is, or has reserved; None where all are in
        use."""
        instance = member.instance
        number = instance.vrid.value or 0
        numbers: list[int] = [*range(number + 1, 256), *range(1, number)]
        places = list(_entries(cluster, _networks(member.node, instance.interface.value or "")))
        for free in numbers:
            key = _vrid_key(free, instance)
            if not any((key, place) in self._first for place in places):
                for place in places:
                    self._first[key, place] = Use(cluster, member.node, member)
                return free
        return None

    def host(self, cluster: Cluster, member: Member, vip: str) -> Use | None:
        """The node of another cluster that has the virtual address `vip` as its own."""
        return self._use(("host", vip), cluster, _places(cluster, member))

    def _enter(self, cluster: Cluster, member: Member) -> None:
        use = Use(cluster, member.node, member)
        keys: list[Hashable] = [("vip", vip) for vip in member.instance.all_vips]
        number = _vrid(member)
        if number is not None and member.instance.complete:
            keys.append(number)
            self._anywhere.setdefault(number, use)
        for place in _entries(cluster, _networks(member.node, member.instance.interface.value or "")):
            for key in keys:
                self._first.setdefault((key, place), use)

    def _enter_hosts(self, cluster: Cluster, node: Node) -> None:
        use = Use(cluster, node, None)
        for own, network in _addresses(node):
            for place in _entries(cluster, [network] if network else []):
                self._first.setdefault((("host", own), place), use)

    def _use(self, key: Hashable, cluster: Cluster, places: Iterable[Place]) -> Use | None:
        for place in places:
            use = self._first.get((key, place))
            if use is None or self._order[use.cluster] >= self._order[cluster]:
                continue
            copied = place[0] == "" and self._hosts[use.cluster] & self._hosts[cluster]
            if not copied and not _declared_apart(cluster, use.cluster):
                return use
        return None


def _vrid(member: Member) -> Hashable:
    """What two virtual routers must not share; None for one that sends no multicast."""
    instance = member.instance
    if instance.unicast or instance.vrid.value is None:
        return None
    return _vrid_key(instance.vrid.value, instance)


def _vrid_key(number: int, instance: VrrpInstance) -> Hashable:
    return "vrid", number, instance.family, instance.mcast_group.value


def _entries(cluster: Cluster, networks: list[Network]) -> Iterator[Place]:
    """Where to enter what is on one of `networks`; on an unknown one where there are none."""
    for network in networks:
        yield "", network
    if cluster.segment:
        for network in networks:
            yield cluster.segment, network
        if not networks:
            yield cluster.segment, None
        yield cluster.segment, _ANY


def _places(cluster: Cluster, member: Member) -> list[Place]:
    """Where to look for what may meet `member`: what is on an unknown network of its segment may."""
    networks = _networks(member.node, member.instance.interface.value or "")
    found: list[Place] = []
    if cluster.segment:
        found += [(cluster.segment, network) for network in networks]
        found.append((cluster.segment, None if networks else _ANY))
    return found + [("", network) for network in networks]


def _networks(node: Node, interface: str) -> list[Network]:
    """The networks that `interface` is in, without those of a single address."""
    texts = (text for text in node.interfaces.addresses.get(interface, ()) if not address.is_everybodys(text))
    found = (network for text in texts if (network := address.network(text)) is not None)
    return list(dict.fromkeys(network.whole for network in found if network.length < network.bits - 1))


def _addresses(node: Node) -> Iterator[tuple[str, Network | None]]:
    """The node's own addresses, canonical, with their networks as far as they are known."""
    for addresses in node.interfaces.configured.values():
        for text in addresses:
            own, network = address.canonical(text), address.network(text)
            if own is not None and network is not None and not address.is_everybodys(text):
                yield own, network.whole if network.length < network.bits - 1 else None


def _hosts(cluster: Cluster) -> frozenset[str]:
    """The addresses of its nodes, and those that they say to send from."""
    found = {own for node in cluster.nodes for own, _ in _addresses(node)}
    for node in cluster.nodes:
        for instance in node.instances:
            written = (instance.unicast_src_ip.value, instance.mcast_src_ip.value)
            found |= {own for text in written if text and (own := address.canonical(text)) is not None}
    return frozenset(found)


def _likely_networks(member: Member) -> list[Network]:
    """The networks of the interface or, where these are not known, those that the virtual addresses are written in."""
    known = _networks(member.node, member.instance.interface.value or "")
    written = (address.network(line.word.text) for line in member.instance.advertised)
    return known or [one.whole for one in written if one is not None and one.length < one.bits - 1]


def _declared_apart(first: Cluster, second: Cluster) -> bool:
    return bool(first.segment and second.segment) and first.segment != second.segment


def _disjoint(first: list[Network], second: list[Network]) -> bool:
    return bool(first and second) and not set(first) & set(second)
