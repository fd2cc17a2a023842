"""KA117; its page is vrrp_strict_contradictions.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived import strict
from halint.node import Node
from halint.rule import Rule


class VrrpStrictContradictions(Rule):
    """An instance in strict mode asks for what strict mode does not allow."""

    code = "KA117"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        if model is None:
            return
        for instance in model.instances:
            for word, what, want in strict.contradictions(model, instance):
                yield self.finding(
                    f"keepalived on {node.name} does not take {what} for {instance.name}: in strict mode {want}; "
                    "remove it, or leave strict mode",
                    node,
                    word,
                    related=[Location(node, instance.strict.at, "strict mode")],
                )
