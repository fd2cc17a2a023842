"""KA129; its page is vip_prefix_missing_or_off_subnet.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Severity
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class VipPrefixMissingOrOffSubnet(Rule):
    """A virtual address is in no network that its interface is connected to."""

    code = "KA129"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            if not instance.complete:
                continue
            for line in (*instance.advertised, *instance.excluded):
                if _off_link(node, instance, line):
                    yield self.finding(
                        f"the neighbours of {node.name} reach {line.text} by a route alone: it is in none of the "
                        f"networks of {_device(instance, line)} ({_networks(node, _device(instance, line), line)}); "
                        "correct it, or see that routers send it here",
                        node,
                        line.word,
                    )


def _device(instance: VrrpInstance, line: VirtualAddress) -> str:
    return line.device.text if line.device is not None else instance.interface.value or ""


def _off_link(node: Node, instance: VrrpInstance, line: VirtualAddress) -> bool:
    found = address.network(line.text)
    if found is None or line.dropped or address.is_everybodys(line.text) or _device(instance, line) == "lo":
        return False
    # Of IPv6 the networks that a router advertises are not known.
    networks = [] if found.family == 6 else node.interfaces.networks(_device(instance, line), 4)
    return bool(networks) and not any(network.holds(found) for network in networks)


def _networks(node: Node, device: str, line: VirtualAddress) -> str:
    return ", ".join(sorted(text for text in node.interfaces.addresses[device] if address.family(text) == line.family))
