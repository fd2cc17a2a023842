"""KA220; its page is syncgroup_priority_order_inconsistent.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.cluster.virtual_router import Member, VirtualRouter, sync_groups
from halint.finding import Finding, Location, Severity
from halint.rule import Rule


class SyncgroupPriorityOrderInconsistent(Rule):
    """Instances of a sync group have their highest priorities on different nodes."""

    code = "KA220"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for routers in sync_groups(cluster.virtual_routers):
            leading = [(router, leader) for router in routers if (leader := router.preemptor) is not None]
            other = next((pair for pair in leading if pair[1].node is not leading[0][1].node), None)
            if other is not None:
                yield self._report(*leading[0], *other)

    def _report(self, router: VirtualRouter, leader: Member, other: VirtualRouter, other_leader: Member) -> Finding:
        here, there = other_leader.node.name, leader.node.name
        group = leader.instance.group.name if leader.instance.group else ""
        return self.finding(
            f"chance will decide whether {there} or {here} holds {router.name} and {other.name}, and it may be neither:"
            f" they go together in the sync group {group}, but {there} has the highest priority for {router.name} and "
            f"{here} for {other.name}; give one node the highest for all of the group",
            other_leader.node,
            other_leader.instance.priority.at,
            label=f"{other_leader.priority}, the highest for {other.name}",
            related=[
                Location(leader.node, leader.instance.priority.at, f"{leader.priority}, the highest for {router.name}")
            ],
        )
