"""ST109; its page is service_not_running.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

_RSYSLOG = ("/etc/rsyslog.conf", "/etc/rsyslog.d/")


class ServiceNotRunning(Rule):
    """A daemon did not run when the node's state was captured."""

    code = "ST109"
    severity = Severity.ERROR
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.keepalived is not None:
            anchor, effect = node.keepalived.anchor, "it took no part in the fail-over"
            yield from self._check(node, "keepalived", effect, anchor, Severity.ERROR)
        if node.haproxy is not None:
            # A notify script may start it where the address is.
            effect = "it would have served nothing with a virtual address"
            yield from self._check(node, "haproxy", effect, Word(node.haproxy.sources[0], 0, 0), Severity.WARNING)

        rules = next((source for path, source in sorted(node.files.items()) if path.startswith(_RSYSLOG)), None)
        if (node.keepalived or node.haproxy) and rules is not None:
            effect = "what was logged is in no file"
            yield from self._check(node, "rsyslog", effect, Word(rules, 0, 0), Severity.WARNING, Severity.WARNING)

    def _check(
        self,
        node: Node,
        service: str,
        effect: str,
        anchor: Word,
        stopped: Severity,
        failed: Severity = Severity.ERROR,
    ) -> Iterator[Finding]:
        """stopped, failed: how bad it is where somebody stopped it, and where it ended by itself."""
        state, word = node.startup.state(service)
        if word is None or state == "active":
            return
        how = "had failed" if state == "failed" else "did not run"
        yield self.finding(
            f"{service} {how} on {node.name} when the node's state was captured: {effect}; journalctl -u {service} "
            f"says why{'' if state == 'failed' else ', or nobody started it'}",
            node,
            anchor,
            related=[Location(node, word, "systemctl said so")],
            severity=failed if state == "failed" else stopped,
        )
