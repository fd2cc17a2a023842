"""KA414; its page is check_targets_vip.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models import check_faults
from halint.models.keepalived.tracking import Tracked, VrrpScript
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class CheckTargetsVip(Rule):
    """A check asks the virtual address, which is where the check itself decides."""

    code = "KA414"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        reported: set[str] = set()
        for instance in node.instances:
            for tracked in instance.checks:
                if isinstance(tracked.tracker, VrrpScript) and tracked.name not in reported:
                    for finding in self.check_script(node, instance, tracked, tracked.tracker):
                        reported.add(tracked.name)
                        yield finding

    def check_script(
        self, node: Node, instance: VrrpInstance, tracked: Tracked, script: VrrpScript
    ) -> Iterator[Finding]:
        vips = check_faults.asked(node, script.command) & instance.all_vips
        for vip in sorted(vips)[:1]:
            line = next(line for line in (*instance.addresses, *instance.excluded) if line.address == vip)
            effect = (
                f"whoever holds {vip} answers the check {tracked.name} on every node, so its failure never moves the "
                "address"
                if tracked.weight
                else f"nobody will hold {vip}: the check {tracked.name} on {node.name} asks that address, and fails "
                "until some node has it"
            )
            yield self.finding(
                f"{effect}; ask 127.0.0.1, or haproxy on an address of {node.name} itself",
                node,
                script.words[0],
                related=[Location(node, line.word, "the virtual address")],
            )
