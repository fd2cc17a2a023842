"""KA424; its page is check_tracked_twice.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.tracking import SyncGroup, Tracked
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class CheckTrackedTwice(Rule):
    """An instance or a sync group tracks something twice, so keepalived ignores the second line."""

    code = "KA424"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        owners: list[VrrpInstance | SyncGroup] = [*node.instances]
        owners += node.keepalived.sync_groups if node.keepalived else []
        for owner in owners:
            for tracked in owner.tracked_again:
                yield self.finding(
                    f"keepalived on {node.name} ignores this line: {owner.name} tracks the {tracked.kind} "
                    f"{tracked.name} already; remove it, or correct the name",
                    node,
                    tracked.word,
                    label="ignored",
                    fix=_fix(tracked, Applicability.SAFE),
                )
        for instance in node.instances:
            for tracked in instance.tracked:
                if instance.tracks_with_group(tracked):
                    group = instance.group.name if instance.group else ""
                    yield self.finding(
                        f"keepalived on {node.name} complains of this line: {group} tracks the interface "
                        f"{tracked.name} for {instance.name} already; remove it, here or there",
                        node,
                        tracked.word,
                        fix=_fix(tracked, Applicability.UNSAFE),
                    )


def _fix(tracked: Tracked, applicability: Applicability) -> Fix | None:
    if not agreement.literal(tracked.word):
        return None
    return Fix("remove the line", [edits.remove(tracked.statement)], applicability)
