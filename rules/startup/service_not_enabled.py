"""ST107; its page is service_not_enabled.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

_RSYSLOG = ("/etc/rsyslog.conf", "/etc/rsyslog.d/")


class ServiceNotEnabled(Rule):
    """A daemon does not start after a boot."""

    code = "ST107"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.keepalived is not None:
            yield from self._check(node, "keepalived", "takes no part in the fail-over", node.keepalived.anchor)
        if node.haproxy is not None:
            yield from self._check(node, "haproxy", "serves nothing", Word(node.haproxy.sources[0], 0, 0))
        # Links that start it are often collected of the two daemons only; a mask tells by itself.
        told = node.startup.systemctl is not None or node.startup.masked("rsyslog")
        logged = (node.keepalived or node.haproxy) and told
        rules = next((source for path, source in sorted(node.files.items()) if path.startswith(_RSYSLOG)), None)
        if logged and rules is not None:
            yield from self._check(node, "rsyslog", "writes no log files", Word(rules, 0, 0), Severity.WARNING)

    def _check(
        self, node: Node, service: str, effect: str, anchor: Word, severity: Severity = Severity.ERROR
    ) -> Iterator[Finding]:
        startup = node.startup
        if startup.enabled(service) is not False or not startup.has_unit(service):
            return
        state, word = startup.state(service)
        though = ", though it ran when the node's state was captured" if state == "active" else ""
        how, cure = ("masked", f"systemctl unmask {service}; ") if startup.masked(service) else ("not enabled", "")
        yield self.finding(
            f"{node.name} {effect} after a reboot: {service} is {how} there{though}; {cure}systemctl enable {service}",
            node,
            anchor,
            related=[Location(node, word, "it ran")] if word is not None and though else [],
            severity=severity,
        )
