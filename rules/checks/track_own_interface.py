"""KA418; its page is track_own_interface.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.tracking import Tracked
from halint.node import Node
from halint.rule import Rule


class TrackOwnInterface(Rule):
    """An instance tracks its own interface, which keepalived does anyway."""

    code = "KA418"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for tracked in instance.tracked:
                # With dont_track_primary it takes the line of a sync group (measured).
                taken = tracked.shared and instance.dont_track_primary.value
                if tracked.kind == "interface" and tracked.name == instance.interface.value and not taken:
                    yield self.finding(
                        f"keepalived on {node.name} ignores that {instance.name} tracks {tracked.name}, and complains: "
                        "the interface of an instance is tracked anyway, without a weight; remove it",
                        node,
                        tracked.word,
                        label="ignored",
                        fix=_fix(tracked),
                    )


def _fix(tracked: Tracked) -> Fix | None:
    if not agreement.literal(tracked.word):
        return None
    return Fix("remove it", [edits.remove(tracked.statement)], Applicability.SAFE)
