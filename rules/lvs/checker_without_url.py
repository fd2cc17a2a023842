"""LV107; its page is checker_without_url.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class CheckerWithoutUrl(Rule):
    """A check by HTTP has no url with a path, so nothing is checked."""

    code = "LV107"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "no-url":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what}; write a url block with a path",
                    node,
                    fault.at,
                )
