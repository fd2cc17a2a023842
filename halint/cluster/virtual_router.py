"""Virtual routers: the instances of several nodes that are meant to hold the same addresses.

Instances belong together by shared addresses first, then by VRID and family, then by name: paired by VRID
alone, a node with a wrong one would look like a node without a partner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from halint import address
from halint.address import Network
from halint.light import deque
from halint.models.keepalived.vrrp import VrrpInstance

if TYPE_CHECKING:
    from halint.models.keepalived.tracking import SyncGroup
    from halint.node import Node


class Member:
    """One node's instance of a virtual router."""

    __slots__ = ("instance", "node")

    def __init__(self, node: Node, instance: VrrpInstance) -> None:
        self.node = node
        self.instance = instance

    @property
    def priority(self) -> str:
        """Its priority while all is well, in words."""
        written, healthy = self.instance.priority.value, self.instance.healthy_priority
        return str(healthy) if healthy == written else f"{healthy} ({written} and its checks)"

    @property
    def source(self) -> str | None:
        """The address that unicast adverts come from: unicast_src_ip, else the interface's first of its own; None
        where that is not known."""
        written = self.instance.source.value
        if written is not None:
            return address.canonical(written)
        known = self.node.interfaces.addresses.get(self.instance.interface.value or "", [])
        own = (address.canonical(text) for text in known if self.instance.family == address.family(text) == 4)
        return next((text for text in own if text not in self.instance.all_vips), None)

    @property
    def networks(self) -> list[Network]:
        """The IPv4 networks that its interface is known to be in."""
        return self.networks_of(self.instance.interface.value or "")

    def networks_of(self, interface: str) -> list[Network]:
        """Those of another interface of the node, without those of virtual addresses and of single ones."""
        known = self.node.interfaces.addresses.get(interface, ())
        own = (address.network(text) for text in known if address.canonical(text) not in self.instance.all_vips)
        return [network.whole for network in own if network and network.family == 4 and network.length < 31]

    def meets(self, other: Member) -> bool:
        """Whether some network of its interface is one of the other's."""
        return any(a.holds(b) or b.holds(a) for a in self.networks for b in other.networks)

    def facing(self, other: Member) -> str | None:
        """Another interface of its node that is in a network of the other's interface."""
        for interface in self.node.interfaces.addresses:
            own = self.networks_of(interface)
            if interface and any(a.holds(b) for a in other.networks for b in own):
                return interface
        return None

    def can_fall_below(self, other: Member) -> bool:
        """Whether failing checks can put it below the other in priority, while it is alive."""
        weighted = [check for check in self.instance.checks if check.weight]
        return self.instance.priority_with(weighted) < other.instance.healthy_priority


class VirtualRouter:
    """What one address set is served by: at most one instance a node, in the order of the nodes."""

    __slots__ = ("members",)

    def __init__(self, members: list[Member]) -> None:
        self.members = members

    @property
    def vips(self) -> frozenset[str]:
        """The addresses of any member."""
        return frozenset().union(*(member.instance.vips for member in self.members))

    @property
    def known(self) -> list[Member]:
        """The members whose instance could be read completely."""
        return [member for member in self.members if member.instance.complete]

    @property
    def name(self) -> str:
        """The addresses as a person would name them: the first, and how many more."""
        vips = sorted(self.vips)
        if not vips:
            return self.members[0].instance.name
        return vips[0] + (f" (and {len(vips) - 1} more)" if len(vips) > 1 else "")

    @property
    def ranked(self) -> list[Member]:
        """The members by priority while all is well, the highest first; at a tie one that says MASTER leads."""
        return sorted(
            self.members,
            key=lambda m: (-m.instance.healthy_priority, m.instance.state.value != "MASTER", m.node.name),
        )

    @property
    def preemptor(self) -> Member | None:
        """Who takes the addresses from any other member, or None where nobody does: the highest priority is that of
        several, or of one with nopreempt."""
        first, *others = self.ranked
        tie = any(other.instance.healthy_priority == first.instance.healthy_priority for other in others)
        return None if tie or first.instance.nopreempt.value else first

    @property
    def shared_sources(self) -> dict[str, list[Member]]:
        """Several members, as they are ranked, by the address that they all say to send from, canonical; virtual
        addresses left out, which nobody has from the start."""
        found: dict[str, list[Member]] = {}
        for member in self.ranked:
            written = member.instance.source.value if member.instance.unicast else None
            source = address.canonical(written) if written else None
            if source is not None and source not in member.instance.all_vips:
                found.setdefault(source, []).append(member)
        return {source: members for source, members in found.items() if len(members) > 1}


def pair(nodes: list[Node]) -> list[VirtualRouter]:
    """The virtual routers of `nodes`."""
    routers = [
        [Member(node, instance)]
        for node in nodes
        if node.keepalived is not None
        for instance in node.keepalived.instances
    ]
    routers = _join(routers, routers, nodes, lambda instance: sorted(instance.vips))
    routers = _join(routers, routers, nodes, _vrid)
    routers = _join(routers, [router for router in routers if len(router) == 1], nodes, _name)
    order = {node: number for number, node in enumerate(nodes)}
    for router in routers:
        router.sort(key=lambda member: order[member.node])
    routers.sort(key=lambda router: (order[router[0].node], router[0].instance.statement.start))
    return [VirtualRouter(router) for router in routers]


def sync_groups(routers: list[VirtualRouter]) -> list[list[VirtualRouter]]:
    """The virtual routers that change hands together: several, whose instances are in one sync group on every node."""
    found: dict[tuple[SyncGroup | None, ...], list[VirtualRouter]] = {}
    for router in routers:
        key = tuple(member.instance.group for member in router.known)
        if len(key) > 1 and None not in key:
            found.setdefault(key, []).append(router)
    return [together for together in found.values() if len(together) > 1]


def across_families(routers: list[VirtualRouter]) -> list[tuple[Member, Member]]:
    """Members without a partner, in pairs that list an address in common, which is none of one of them since the
    other address family comes first there."""
    alone: dict[str, Member] = {}
    found: dict[Member, Member] = {}
    for router in routers:
        if len(router.members) != 1:
            continue
        (member,) = router.members
        for line in member.instance.addresses:
            other = alone.setdefault(line.text, member)
            if other.node is not member.node and other.instance.family != member.instance.family:
                found.setdefault(member, other)
    return [(other, member) for member, other in found.items()]


def _vrid(instance: VrrpInstance) -> list[object]:
    return [] if instance.vrid.value is None else [(instance.vrid.value, instance.family)]


def _name(instance: VrrpInstance) -> list[object]:
    return [(instance.name, instance.family)]


def _join(
    routers: list[list[Member]],
    open_to_others: list[list[Member]],
    nodes: list[Node],
    keys: Callable[[VrrpInstance], Iterable[object]],
) -> list[list[Member]]:
    """Put each instance that is alone into the first of `open_to_others` that has one of its keys, and no instance
    of its node."""
    waiting: dict[tuple[object, Node], deque[list[Member]]] = {}

    def offer(router: list[Member], members: list[Member]) -> None:
        taken = {member.node for member in router}
        for key in {key: None for member in members for key in keys(member.instance)}:
            for node in nodes:
                if node not in taken:
                    waiting.setdefault((key, node), deque()).append(router)

    for router in open_to_others:
        offer(router, router)
    for alone in routers:
        if len(alone) != 1:
            continue
        (member,) = alone
        for key in keys(member.instance):
            candidates = waiting.get((key, member.node), deque())
            while candidates and (not candidates[0] or any(m.node is member.node for m in candidates[0])):
                candidates.popleft()
            if candidates:
                alone.clear()
                candidates[0].append(member)
                offer(candidates[0], [member])
                break
    return [router for router in routers if router]
