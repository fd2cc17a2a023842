"""KA422; its page is notify_stops_haproxy_on_backup.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Finding, Location, Severity
from halint.models import check_script
from halint.models.keepalived.tracking import arguments
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class NotifyStopsHaproxyOnBackup(Rule):
    """A node stops haproxy when it becomes backup, and its own check wants haproxy to run."""

    code = "KA422"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            stop = _stop(node, instance)
            if stop is None:
                continue
            check = next((t for t, check in health.checks(node, instance) if check.looks_at_haproxy), None)
            if check is not None:
                yield self.finding(
                    f"{node.name} fails its own check {check.name} whenever it is backup for {instance.name}, for it "
                    "stops haproxy then: it has too low a priority, or is in FAULT state, when the other node fails; "
                    "let haproxy run on both (net.ipv4.ip_nonlocal_bind lets it bind the address)",
                    node,
                    stop,
                    related=[Location(node, check.word, "wants haproxy to run")],
                )


def _stop(node: Node, instance: VrrpInstance) -> Word | None:
    """The command that stops haproxy when the instance becomes backup, or fails."""
    for statement in instance.statement.statements("notify_backup", "notify_fault"):
        words = arguments(statement)
        if words and check_script.stops_haproxy(node, words[0].text):
            return words[0]
    return None
