"""KA105; its page is priority_range.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.vrrp import DEFAULT_PRIORITY
from halint.node import Node
from halint.rule import Rule


class PriorityRange(Rule):
    """A priority is no number from 1 to 255, so keepalived uses 100."""

    code = "KA105"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for word in instance.refused.get("priority", ()):
                yield self.finding(
                    f"{instance.name} gets priority {DEFAULT_PRIORITY} on {node.name}: {word.text} is no number from "
                    "1 to 255; write one",
                    node,
                    word,
                    label=f"{DEFAULT_PRIORITY} is used",
                )
