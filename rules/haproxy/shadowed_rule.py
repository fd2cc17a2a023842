"""HA110; its page is shadowed_rule.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy.order import LISTS, unreached
from halint.node import Node
from halint.rule import Rule


class ShadowedRule(Rule):
    """A rule without condition ends its list, and others follow."""

    code = "HA110"
    severity = Severity.WARNING
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for proxy in node.haproxy.having(*LISTS):
            for line, ending in unreached(proxy) if proxy.certain else ():
                yield self.finding(
                    f"haproxy on {node.name} will never come to this {line.keyword} rule and those behind it: the one "
                    "above ends them for every request; give it a condition, or move it to the end",
                    node,
                    line,
                    related=[Location(node, ending, "has no condition")],
                )
