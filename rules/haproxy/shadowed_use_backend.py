"""HA146; its page is shadowed_use_backend.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy.order import overruled
from halint.node import Node
from halint.rule import Rule


class ShadowedUseBackend(Rule):
    """A use_backend without condition stands above other ways to a backend."""

    code = "HA146"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for proxy in node.haproxy.senders:
            found = overruled(proxy) if proxy.kind != "backend" else None
            if found is not None:
                line, rule = found
                yield self.finding(
                    f"haproxy on {node.name} will never come to this {line.keyword}: the use_backend above sends "
                    f"everything of {proxy.kind} {proxy.name} to {rule.words[1].text}; give it a condition",
                    node,
                    line,
                    related=[Location(node, rule, "has no condition")],
                )
