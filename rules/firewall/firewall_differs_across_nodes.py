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
    from halint.tree import Statement, Word

#: A service behind a virtual address: the address and its family, the port, and TCP or UDP.
Service = tuple[str, int, int, str]


#: What nodes are managed and watched by, for which an address that moves is of no use: ssh, ntp, snmp, NRPE, cockpit,
#: Prometheus' exporters, Zabbix, pcsd, corosync.
_MANAGEMENT = frozenset({22, 123, 161, 162, 2224, 3121, 5403, 5404, 5405, 5666, 9090, 9100, 10050, 10051})


class FirewallDiffersAcrossNodes(Rule):
    """A service that keepalived balances, or an open port, is reached on one node and refused on another."""

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
            served = any(services for _, services in balanced)
            if not served and any(member.node.haproxy is not None for member in router.members):
                continue  # FW111
            judged = []
            for node, services in balanced:
                if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
                    yield self.skip(node, "firewall")
                else:
                    judged.append((node, services))
            if served:
                yield from self._compare(router, judged)
            elif vips and len(judged) > 1 and all(node.firewall.active for node, _ in judged):
                yield from self._compare_ports(router, [node for node, _ in judged])

    def _compare_ports(self, router: VirtualRouter, nodes: list[Node]) -> Iterator[Finding]:
        """Ports that the rules of some node speak of: nothing says who listens there."""
        from halint.models.firewall.named_ports import named_ports

        named = {port for node in nodes for port in named_ports(node.firewall)} - _MANAGEMENT
        vip = min(router.vips)
        services = [(vip, address.family(vip) or 4, port, over) for port in sorted(named) for over in ("tcp", "udp")]
        answers = {node: {service: _answer(node, router, service) for service in services} for node in nodes}
        for node in nodes:
            refused = {
                service: other
                for service in services
                if answers[node][service].verdict is False
                for other in nodes
                if answers[other][service].verdict is True
            }
            if refused:
                ports = ", ".join(f"{port}/{over}" for _, _, port, over in refused)
                first, other = next(iter(refused.items()))
                answer = answers[node][first]
                member = next(member for member in router.members if member.node is node)
                yield self.finding(
                    f"whoever is served at {vip} on port {ports} is not while {node.name} holds it: {other.name} lets "
                    f"clients in there, and on {node.name} {answer.reason}; open what serves that address on "
                    f"{node.name}, too, or close it on {other.name}",
                    node,
                    member.instance.interface.at,
                    related=[*answer.places(node), *answers[other][first].places(other)],
                    severity=Severity.WARNING,
                )

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
        over = [word.text.lower() for line in statement.statements("protocol") if (word := line.argument())]
        if over and over[-1] not in ("tcp", "udp"):
            continue
        for head, port in _ends(node, statement):
            vip, family = address.canonical(head.text), address.family(head.text)
            if vip is not None and family is not None and port.text.isdigit() and len(port.text) < 6:
                found.setdefault(vip, {})[vip, family, int(port.text), over[-1] if over else "tcp"] = head
    return found


def _ends(node: Node, server: Statement) -> Iterator[tuple[Word, Word]]:
    """The addresses and ports of a virtual server, or of its group."""
    head, second = server.argument(), server.argument(1)
    if head is None or second is None or node.keepalived is None:
        return
    if head.text != "group":
        yield head, second
        return
    for group in node.keepalived.statements:
        name = group.argument() if group.keyword == "virtual_server_group" else None
        if name is not None and name.text == second.text:
            for line in group.body or ():
                port = line.argument()
                if port is not None:
                    yield line.words[0], port


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
