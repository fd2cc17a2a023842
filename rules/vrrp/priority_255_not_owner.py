"""KA107; its page is priority_255_not_owner.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived.vrrp import OWNER_PRIORITY, VrrpInstance
from halint.node import Node
from halint.rule import Rule


class Priority255NotOwner(Rule):
    """An instance has the priority of an address owner, and weights of checks or addresses that go with no owner."""

    code = "KA107"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            if instance.priority.value != OWNER_PRIORITY:
                continue
            cause = [Location(node, instance.priority.word or instance.state.at, f"priority {OWNER_PRIORITY}")]
            for tracked in instance.tracked:
                if instance.discounts(tracked) == "owner":
                    lost = tracked.kind == "script"
                    effect = "run without the check" if lost else "not count the weight of"
                    yield self.finding(
                        f"{instance.name} on {node.name} will {effect} {tracked.name}: "
                        f"{instance.discount_reason(tracked)}; lower the priority, or take the weight away",
                        node,
                        tracked.word,
                        related=cause,
                        severity=Severity.ERROR if lost else None,
                    )
            if instance.priority.word is not None and _owns_none(node, instance):
                yield self.finding(
                    f"{node.name} will take the addresses of {instance.name} back at once whenever it can: priority "
                    f"{OWNER_PRIORITY} is for the node that has them as its own, and it has none of them; lower it",
                    node,
                    instance.priority.word,
                )
        for group in node.keepalived.sync_groups if node.keepalived else ():
            for tracked in group.cleared:
                yield self.finding(
                    f"all members of sync group {group.name} on {node.name} go to FAULT state when {tracked.name} "
                    f"fails: its weight does not count, since a member has priority {OWNER_PRIORITY}; "
                    "lower the priority, or take the weight away",
                    node,
                    tracked.word,
                )


def _owns_none(node: Node, instance: VrrpInstance) -> bool:
    vips = instance.vips
    return bool(vips) and all(node.interfaces.has(vip) is False for vip in vips)
