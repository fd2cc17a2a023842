"""Why keepalived refuses to run VRRP at all: then none of a node's instances runs.

Every reason is measured with keepalived 2.2.7, see the pages of the rules that report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node

#: Longest name of an interface that the kernel takes, in bytes.
_MAX_NAME = 15
#: Up to here keepalived wants an interface of unicast instances, too; of some later versions it is known that they
#: do not, as the manual says.
_STRICT = (2, 2, 7)


def refusal(node: Node) -> str:
    """Why VRRP does not start on `node`, or "" where nothing is known against it."""
    for instance in node.instances:
        if instance.partial or instance.unknown_addresses:
            continue
        if instance.vrid.value is None:
            return f"{instance.name} has no virtual_router_id"
        fault = interface_fault(instance, node)
        if fault:
            return f"{instance.name} has {fault}"
        cause = needs_address(instance)
        if cause and not instance.advertised:
            return f"{instance.name} needs a virtual address {cause}"
    for first, second in clashes(node):
        return f"{first.name} and {second.name} both have virtual_router_id {second.vrid.value}"
    return ""


def interface_fault(instance: VrrpInstance, node: Node) -> str:
    """What is wrong with the interface of `instance`, or ""."""
    name = instance.interface.value
    if name is None:
        version = node.targets.keepalived
        optional = instance.unicast and (version is None or version > _STRICT)
        return "" if instance.partial or optional else "no interface"
    if name == "lo":
        return "the loopback interface"
    if len(name.encode("utf-8", "surrogateescape")) > _MAX_NAME:
        return f"an interface name of more than {_MAX_NAME} characters, which keepalived ignores"
    return ""


def needs_address(instance: VrrpInstance) -> str:
    """Why keepalived refuses the instance without an address, or "" where it runs it without one."""
    if instance.strict.value:
        return "in strict mode"
    return "in VRRP version 3" if instance.version.value == 3 or instance.family == 6 else ""


def clashes(node: Node) -> Iterator[tuple[VrrpInstance, VrrpInstance]]:
    """The instances of `node` whose adverts cannot be told apart from those of one before them, which comes first."""
    known: dict[object, VrrpInstance] = {}
    for instance in node.instances:
        if instance.vrid.value is None or instance.interface.value is None:
            continue
        other = None
        for channel in _channels(instance):
            first = known.setdefault(channel, instance)
            if first is not instance:
                other = other or first
        if other is not None:
            yield other, instance


def _channels(instance: VrrpInstance) -> list[object]:
    """What adverts are told apart by: one for multicast, one a peer for unicast. keepalived takes an instance without
    address for IPv4."""
    common = instance.vrid.value, instance.family or 4, instance.interface.value
    if instance.unicast:
        return [(*common, instance.unicast_src_ip.value, peer) for peer in sorted(instance.peers)]
    return [(*common, instance.mcast_group.value)]
