"""The base of the rules that pass on what haproxy itself says of single lines when it reads its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from halint.finding import Finding, Severity
from halint.misread import misread
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.node import Node


class ComplaintRule(Rule):
    """Reports the complaints of the kind that the rule is named after (halint/models/haproxy/language).

    tolerated: what haproxy does where it starts nevertheless, before the effect: "ignores", "warns that".
    """

    severity = Severity.ERROR
    oracle = "haproxy-c"
    tolerated: ClassVar[str] = "warns that"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for complaint in node.haproxy.complaints(self.name):
            does = "will not start:" if complaint.fatal else self.tolerated
            yield self.finding(
                f"haproxy on {node.name} {does} {complaint.effect}; {complaint.cure}",
                node,
                complaint.word,
                related=misread(node, complaint.word.source, complaint.word.end, complaint.reach),
                fix=complaint.fix,
                severity=Severity.ERROR if complaint.fatal else Severity.WARNING,
            )
