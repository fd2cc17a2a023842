"""KA157; its page is route_contradicts_itself.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.routes import faults
from halint.node import Node
from halint.rule import Rule


class RouteContradictsItself(Rule):
    """A line of static or virtual routes or rules contradicts itself, so keepalived drops the route or rule."""

    code = "KA157"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in faults(node.keepalived) if node.keepalived else ():
            drops = f"drops this {fault.what}" if fault.dropped else f"ignores the track_group of this {fault.what}"
            yield self.finding(f"keepalived on {node.name} {drops}: {fault.why}; correct it", node, fault.word)
