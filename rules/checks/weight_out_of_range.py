"""KA416; its page is weight_out_of_range.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.language.wording import is_check_weight, remedy, subject
from halint.node import Node
from halint.rule import Rule


class WeightOutOfRange(Rule):
    """A check has a weight that keepalived does not take."""

    code = "KA416"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for complaint in node.keepalived.complaints if node.keepalived else ():
            if complaint.kind == "range" and is_check_weight(complaint):
                yield self.finding(
                    f"a failing check does not lower the priority of {node.name} by what is written: keepalived "
                    f"{complaint.effect}: {subject(complaint)} is not {complaint.wanted}; {remedy(complaint)}",
                    node,
                    complaint.at,
                )
