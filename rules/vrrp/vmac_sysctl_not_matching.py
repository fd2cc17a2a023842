"""KA136; its page is vmac_sysctl_not_matching.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity, Skipped
from halint.models.sysctl import Value
from halint.node import Node
from halint.rule import Rule


class VmacSysctlNotMatching(Rule):
    """With use_vmac the node announces the virtual address with its own MAC address."""

    code = "KA136"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        for instance in node.instances:
            interface = instance.interface.value
            if not instance.use_vmac.value or instance.family == 6 or interface is None:
                continue
            values = [node.sysctl.value(f"net/ipv4/conf/{name}/arp_announce") for name in ("all", "default", interface)]
            if any(value.value is None for value in values):
                yield self.skip(node, "sysctl")
            elif all(value.value != "2" for value in values):
                yield self.finding(
                    f"clients may keep the MAC address of {interface} for the addresses of {instance.name}, and miss "
                    f"a fail-over: {node.name} uses virtual MAC addresses, and arp_announce of {interface} is not 2; "
                    f"set net.ipv4.conf.{interface}.arp_announce = 2",
                    node,
                    instance.use_vmac.at,
                    related=_places(node, values),
                )


def _places(node: Node, values: list[Value]) -> list[Location]:
    return [Location(node, value.word, "set here") for value in values if value.word is not None]
