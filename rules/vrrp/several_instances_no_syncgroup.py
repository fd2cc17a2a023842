"""KA143; its page is several_instances_no_syncgroup.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class SeveralInstancesNoSyncgroup(Rule):
    """A node that routes between two interfaces may hold the address on one of them alone."""

    code = "KA143"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.sysctl.value("net.ipv4.ip_forward").value != "1":
            return
        first: VrrpInstance | None = None
        for instance in node.instances:
            if instance.family != 4 or instance.interface.value is None or not instance.complete:
                continue
            if first is None:
                first = instance
            elif instance.interface.value != first.interface.value and not _together(first, instance):
                yield self.finding(
                    f"{node.name} routes between {first.interface.value} and {instance.interface.value}, and may hold "
                    f"the addresses of {first.name} without those of {instance.name} when one of the interfaces "
                    "fails; put both into one vrrp_sync_group",
                    node,
                    instance.head,
                    related=[Location(node, first.head, "the other one")],
                )


def _together(one: VrrpInstance, other: VrrpInstance) -> bool:
    """Whether they move together, or are meant for different nodes."""
    grouped = one.group is not None and one.group is other.group
    tracks = {(check.kind, check.name) for check in one.checks} & {
        ("interface", other.interface.value), *((check.kind, check.name) for check in other.checks)
    }  # fmt: skip
    return grouped or bool(tracks) or (one.state.value != other.state.value)
