"""KA106; its page is priority_omitted_with_state_master.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.vrrp import OWNER_PRIORITY
from halint.node import Node
from halint.rule import Rule


class PriorityOmittedWithStateMaster(Rule):
    """An instance with state MASTER has no priority, and so that of an address owner."""

    code = "KA106"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            if instance.priority.word is None and instance.state.value == "MASTER" and not instance.partial:
                yield self.finding(
                    f"{instance.name} gets priority {OWNER_PRIORITY} on {node.name}, from which no weight of a check "
                    "takes anything: with state MASTER that is the default; write a priority up to 254",
                    node,
                    instance.state.at,
                )
