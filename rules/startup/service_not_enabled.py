"""ST107; its page is service_not_enabled.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class ServiceNotEnabled(Rule):
    """A daemon does not start after a boot."""

    code = "ST107"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.keepalived is not None and node.startup.enabled("keepalived") is False:
            yield self.finding(
                f"{node.name} takes no part in the fail-over after a reboot: keepalived is not enabled there; "
                "systemctl enable keepalived",
                node,
                node.keepalived.anchor,
            )
        if node.haproxy is not None and node.startup.enabled("haproxy") is False:
            yield self.finding(
                f"{node.name} serves nothing after a reboot: haproxy is not enabled there; systemctl enable haproxy",
                node,
                Word(node.haproxy.sources[0], 0, 0),
            )
