"""KA142; its page is syncgroup_undefined_or_single_member.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity, Skipped
from halint.models.keepalived.tracking import SyncGroup
from halint.node import Node
from halint.rule import Rule


class SyncgroupUndefinedOrSingleMember(Rule):
    """A sync group lists instances that are not there or in another group, or has less than two members."""

    code = "KA142"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        model = node.keepalived
        if model is None or not model.sync_groups:
            return
        if model.missing_includes:
            yield self.skip(node, "keepalived")
            return
        owners = {instance.name: instance.group for instance in model.instances}
        for group in model.sync_groups:
            faults = list(self._members(node, owners, group))
            yield from faults
            if faults or len(group.members) > 1:
                continue
            effect = f"keepalived on {node.name} removes sync group {group.name}, which has no member"
            if group.members:
                effect = f"sync group {group.name} on {node.name} has one member, {group.members[0].text}"
            yield self.finding(f"{effect}; list the instances that are to move together", node, group.head)

    def _members(self, node: Node, owners: dict[str, SyncGroup | None], group: SyncGroup) -> Iterator[Finding]:
        """The members that keepalived does not take. owners: the group of each instance, by its name."""
        seen: set[str] = set()
        for word in group.members:
            owner = owners.get(word.text)
            if owner is group and word.text not in seen:
                seen.add(word.text)
                continue
            why = f"it is in sync group {owner.name} already" if owner else "there is no such instance"
            yield self.finding(
                f"keepalived on {node.name} leaves {word.text} out of sync group {group.name}: {why}; correct or "
                "remove it",
                node,
                word,
                label="ignored",
                related=[Location(node, owner.head, "the group that it is in")] if owner else None,
            )
