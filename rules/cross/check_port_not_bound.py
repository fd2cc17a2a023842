"""CX106; its page is check_port_not_bound.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Finding, Location, Severity
from halint.models.keepalived.tracking import VrrpScript
from halint.node import Node
from halint.rule import Rule


class CheckPortNotBound(Rule):
    """A check asks a port of the node on which haproxy does not listen."""

    code = "CX106"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        reported: set[str] = set()
        for instance in node.instances:
            bind = health.serving(node, instance)
            if bind is None or not health.fronts(node):
                continue
            for tracked, check in health.checks(node, instance):
                script = tracked.tracker
                if not check.port or tracked.name in reported or not isinstance(script, VrrpScript):
                    continue
                reported.add(tracked.name)
                effect = "lowers the priority for good" if tracked.weight else "keeps it in FAULT state"
                yield self.finding(
                    f"the check {tracked.name} on {node.name} always fails, which {effect}: it asks port {check.port}, "
                    "and haproxy does not listen there; ask a port that it binds, unless something else listens on "
                    f"{check.port}",
                    node,
                    script.words[0],
                    related=[Location(node, bind.word, "haproxy listens here")],
                )
