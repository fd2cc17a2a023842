"""Virtual routers: the instances of several nodes that are meant to hold the same addresses.

Instances belong together by shared addresses first, then by VRID and family, then by name: paired by VRID
alone, a node with a wrong one would look like a node without a partner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.vrrp import VrrpInstance

if TYPE_CHECKING:
    from halint.node import Node


class Member:
    """One node's instance of a virtual router."""

    __slots__ = ("instance", "node")

    def __init__(self, node: Node, instance: VrrpInstance) -> None:
        self.node = node
        self.instance = instance


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
    def name(self) -> str:
        """The addresses as a person would name them: the first, and how many more."""
        vips = sorted(self.vips)
        if not vips:
            return self.members[0].instance.name
        return vips[0] + (f" (and {len(vips) - 1} more)" if len(vips) > 1 else "")

    @property
    def ranked(self) -> list[Member]:
        """The members by priority, the highest first; at a tie one that says MASTER leads."""
        return sorted(
            self.members,
            key=lambda m: (-m.instance.priority.value, m.instance.state.value != "MASTER", m.node.name),
        )


def pair(nodes: list[Node]) -> list[VirtualRouter]:
    """The virtual routers of `nodes`."""
    members = [
        Member(node, instance)
        for node in nodes
        if node.keepalived is not None
        for instance in node.keepalived.instances
    ]
    routers: list[list[Member]] = []
    for key in (_by_address, _by_vrid, _by_name):
        members = _join(routers, members, key)
    routers += [[member] for member in members]
    order = {id(node): number for number, node in enumerate(nodes)}
    for router in routers:
        router.sort(key=lambda member: order[id(member.node)])
    routers.sort(key=lambda router: (order[id(router[0].node)], router[0].instance.statement.start))
    return [VirtualRouter(router) for router in routers]


def _by_address(instance: VrrpInstance) -> list[object]:
    return list(instance.vips)


def _by_vrid(instance: VrrpInstance) -> list[object]:
    return [] if instance.vrid.value is None else [(instance.vrid.value, instance.family)]


def _by_name(instance: VrrpInstance) -> list[object]:
    return [(instance.name, instance.family)]


def _join(routers: list[list[Member]], members: list[Member], key: object) -> list[Member]:
    """Put members that share a key into one router, none with two of a node; returns those left alone."""
    by_key: dict[object, list[Member]] = {}
    for member in members:
        for value in key(member.instance):  # type: ignore[operator]
            by_key.setdefault(value, []).append(member)
    routed: dict[int, list[Member]] = {}
    for group in by_key.values():
        for member in group:
            if id(member) in routed:
                continue
            router = next(
                (routed[id(other)] for other in group if id(other) in routed and _free(routed[id(other)], member)),
                None,
            )
            if router is None:
                partner = next((o for o in group if o.node is not member.node and id(o) not in routed), None)
                if partner is None:
                    continue
                router = [partner]
                routed[id(partner)] = router
                routers.append(router)
            router.append(member)
            routed[id(member)] = router
    return [member for member in members if id(member) not in routed]


def _free(router: list[Member], member: Member) -> bool:
    return all(other.node is not member.node for other in router)
