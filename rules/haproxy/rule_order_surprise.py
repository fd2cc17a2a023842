"""HA109; its page is rule_order_surprise.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy.order import KEYWORDS, misplaced
from halint.node import Node
from halint.rule import Rule


class RuleOrderSurprise(Rule):
    """A rule stands below others that haproxy comes to later."""

    code = "HA109"
    severity = Severity.WARNING
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for proxy in node.haproxy.having(*KEYWORDS):
            for found in misplaced(proxy) if proxy.certain else ():
                also = f" and {found.more} more" if found.more else ""
                yield self.finding(
                    f"haproxy on {node.name} will come to this {found.phase} rule{also} of {proxy.kind} {proxy.name} "
                    f"before the {found.later} rules above; write them in that order",
                    node,
                    found.line,
                    related=[Location(node, found.above, "comes later")],
                )
