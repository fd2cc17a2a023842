"""FW110; its page is service_defined_not_enabled.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.cluster import Cluster, adverts
from halint.cluster.closed_ports import Closed, closed_ports
from halint.finding import Applicability, Finding, Fix, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.models.firewall import Packet
    from halint.models.firewall.firewalld import Service


class ServiceDefinedNotEnabled(Rule):
    """A service of firewalld opens what the node needs, but no zone lists it."""

    code = "FW110"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for node in cluster.nodes:
            if not node.instances:
                continue
            if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
                yield self.skip(node, "firewall")
            elif node.firewall.firewalld is not None and node.firewall.firewalld.unlisted_services:
                refused = [
                    refusal
                    for refusal in adverts.refusals(cluster)
                    if refusal.node is node and refusal.cause == adverts.SERVICE
                ]
                for service in node.firewall.firewalld.unlisted_services:
                    yield from self._judge(node, service, refused)

    def _judge(self, node: Node, service: Service, refused: list[adverts.Refusal]) -> Iterator[Finding]:
        firewall = node.firewall
        mine = [refusal for refusal in refused if firewall.unlisted_service([refusal.packet]) is service]
        ports = [closed for closed in closed_ports(node) if firewall.unlisted_service(closed.packets) is service]
        if not mine and not ports:
            return
        packet = mine[0].packet if mine else ports[0].packets[0]
        made = firewall.list_service(service, packet)
        title = f"list service {service.name} in {_zone(node, packet)}"
        related = [Location(node, refusal.members[0].instance.interface.at, "adverts come in here") for refusal in mine]
        related += [Location(node, closed.bind.word, "haproxy listens here") for closed in ports]
        severity = _severity(mine, ports)
        applicability = Applicability.DISPLAY if severity is Severity.INFO else Applicability.SAFE
        yield self.finding(
            f"{_effect(node, mine, ports)}: service {service.name} opens that, but no zone lists it; {title}",
            node,
            service.root.words[0],
            related=related,
            fix=None if made is None else Fix(title, made, applicability),
            severity=severity,
        )


def _zone(node: Node, packet: Packet) -> str:
    firewalld = node.firewall.firewalld
    name = firewalld.zones.of(packet.interface)[0] if firewalld is not None and packet.interface else None
    return f"zone {name}" if name else "the zone of the interface"


def _effect(node: Node, mine: list[adverts.Refusal], ports: list[Closed]) -> str:
    """What an operator will see."""
    names = dict.fromkeys(closed.name.removeprefix("port ") for closed in ports)
    lost = [f"clients time out on port {', '.join(names)} of {node.name}"] if names else []
    return ", and ".join([*lost, *(adverts.effect(refusal) for refusal in mine[:1])])


def _severity(mine: list[adverts.Refusal], ports: list[Closed]) -> Severity:
    if any(not closed.for_operators for closed in ports) or any(not refusal.harmless for refusal in mine):
        return Severity.ERROR
    return Severity.WARNING if mine else Severity.INFO
