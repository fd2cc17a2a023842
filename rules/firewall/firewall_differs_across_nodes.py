"""FW112; its page is firewall_differs_across_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.cluster import Cluster
from halint.finding import Finding, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.cluster.virtual_router import VirtualRouter
    from halint.finding import Located
    from halint.models.firewall import Answer

#: A service behind a virtual address: the address and its family, the port, and TCP or UDP.
Service = tuple[str, int, int, str]


class FirewallDiffersAcrossNodes(Rule):
    """A service that keepalived balances is reached on one node and refused on another."""

    code = "FW112"
    severity = Severity.ERROR
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        if len(cluster.nodes) < 2:
            return
        balanced_by = {node: _balanced(node) for node in cluster.nodes}
        for router in cluster.virtual_routers:
            vips = sorted(router.vips)
            balanced = [
                (member.node, {s: at for vip in vips for s, at in balanced_by[member.node].get(vip, {}).items()})
                for member in router.members
            ]
            if not any(services for _, services in balanced):
                continue
            judged = []
            for node, services in balanced:
                if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
                    yield self.skip(node, "firewall")
                else:
                    judged.append((node, services))
            yield from self._compare(router, judged)

    def _compare(self, router: VirtualRouter, judged: list[tuple[Node, dict[Service, Located]]]) -> Iterator[Finding]:
        for service in dict.fromkeys(service for _, services in judged for service in services):
            answers = [
                (node, services, _answer(node, router, service)) for node, services in judged if service in services
            ]
            open_on = next(((node, services) for node, services, answer in answers if answer.verdict is True), None)
            if open_on is None:
                continue
            for node, services, answer in answers:
                if answer.verdict is False:
                    vip, _, port, over = service
                    other, there = open_on
                    yield self.finding(
                        f"clients of {vip} time out while {node.name} holds it: {other.name} lets them in to port "
                        f"{port}/{over}, and on {node.name} {answer.reason}; open the port on {node.name}",
                        node,
                        services[service],
                        related=[*answer.places(node), Location(other, there[service], f"reached on {other.name}")],
                    )


def _balanced(node: Node) -> dict[str, dict[Service, Located]]:
    """What keepalived balances, by the address, with where it is defined."""
    found: dict[str, dict[Service, Located]] = {}
    for statement in node.keepalived.virtual_servers if node.keepalived is not None else ():
        head, port = statement.argument(), statement.argument(1)
        if head is None or port is None or not port.text.isdigit() or len(port.text) > 5:
            continue
        vip, family = address.canonical(head.text), address.family(head.text)
        if vip is None or family is None:
            continue
        over = [word.text.lower() for line in statement.statements("protocol") if (word := line.argument())]
        if not over or over[-1] in ("tcp", "udp"):
            found.setdefault(vip, {})[vip, family, int(port.text), over[-1] if over else "tcp"] = head
    return found


def _answer(node: Node, router: VirtualRouter, service: Service) -> Answer:
    from halint.models.firewall import TCP, UDP, Packet

    vip, family, port, over = service
    member = next(member for member in router.members if member.node is node)
    return node.firewall.accepts(
        Packet(
            "in",
            UDP if over == "udp" else TCP,
            family,
            destination=vip,
            port=port,
            interface=member.instance.interface.value,
        )
    )
