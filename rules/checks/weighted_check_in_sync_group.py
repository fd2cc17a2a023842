"""KA417; its page is weighted_check_in_sync_group.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class WeightedCheckInSyncGroup(Rule):
    """A member of a sync group tracks a check with a weight, which does not count there."""

    code = "KA417"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for tracked in instance.tracked:
                if instance.group is None or instance.discounts(tracked) != "group":
                    continue
                lost = tracked.kind == "script"
                effect = f"run without the check {tracked.name}" if lost else f"not count the weight of {tracked.name}"
                yield self.finding(
                    f"{instance.name} on {node.name} will {effect}: {instance.discount_reason(tracked)}; track it in "
                    "the group, or take the weight away",
                    node,
                    tracked.word,
                    related=[Location(node, instance.group.head, "the sync group")],
                    severity=Severity.ERROR if lost else None,
                )
