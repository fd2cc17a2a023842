"""KA101; its page is vrid_missing_or_range.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class VridMissingOrRange(Rule):
    """An instance has no virtual_router_id from 1 to 255."""

    code = "KA101"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            refused = instance.refused.get("virtual_router_id", [])
            if instance.vrid.value is None and not instance.partial and (refused or instance.vrid.word is None):
                for at in refused or [instance.head]:
                    yield self.finding(
                        f"VRRP on {node.name} will not start: {instance.name} has no virtual_router_id from 1 to 255; "
                        "give it the one that its peers have",
                        node,
                        at,
                    )
                continue
            for word in refused:
                yield self.finding(
                    f"keepalived on {node.name} ignores this virtual_router_id of {instance.name}: {word.text} is no "
                    "number from 1 to 255; remove it",
                    node,
                    word,
                    severity=Severity.WARNING,
                )
