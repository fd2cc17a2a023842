"""FW111; its page is bind_port_not_open.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster.closed_ports import Closed, closed_ports
from halint.finding import Applicability, Finding, Fix, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule


class BindPortNotOpen(Rule):
    """haproxy listens on a port that the node's firewall refuses."""

    code = "FW111"
    severity = Severity.ERROR

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        haproxy, keepalived = node.haproxy, node.keepalived
        if haproxy is None or keepalived is None or not keepalived.instances:
            return
        if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
            yield self.skip(node, "firewall")
            return
        if not node.firewall.active:
            return
        # What one line opens for several binds is one finding.
        found: dict[tuple[object, ...], list[Closed]] = {}
        for closed in closed_ports(node):
            if node.firewall.unlisted_service(closed.packets) is None:  # else FW110
                places = closed.answer.places(node)
                key = closed.name, closed.for_operators, *((place.source, place.start) for place in places)
                found.setdefault(key, []).append(closed)
        for several in found.values():
            yield self._report(node, several)

    def _report(self, node: Node, several: list[Closed]) -> Finding:
        closed = several[0]
        packets = [packet for one in several for packet in one.packets]
        edits = node.firewall.allow(packets, [], closed.ports)
        title = f"open {closed.name} on {node.name}"
        if node.firewall.written(closed.packets[0]).verdict:
            title = "load the rules of its files, which accept it"
        hidden = closed.for_operators
        who = "nobody reaches the statistics" if hidden else "clients time out"
        interfaces = ", ".join(dict.fromkeys(interface for one in several for interface in one.interfaces))
        return self.finding(
            f"{who} on {closed.name} of {node.name}: {closed.answer.reason}, on {interfaces}; {title}",
            node,
            closed.bind.word,
            related=[
                *closed.answer.places(node),
                *(Location(node, other.bind.word, "refused too") for other in several[1:]),
            ],
            fix=None if edits is None else Fix(title, edits, Applicability.DISPLAY if hidden else Applicability.SAFE),
            severity=Severity.INFO if hidden else None,
        )
