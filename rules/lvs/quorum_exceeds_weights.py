"""LV109; its page is quorum_exceeds_weights.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class QuorumExceedsWeights(Rule):
    """The quorum of a virtual server can never be reached as written, or its hysteresis is too large."""

    code = "LV109"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "quorum":
                yield self.finding(
                    f"{fault.server.name} on {node.name}: keepalived {fault.what}; make it smaller",
                    node,
                    fault.at,
                )
