"""KA146; its page is missing_argument.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.signature import one_of
from halint.models.keepalived.language.wording import place_of, whole
from halint.node import Node
from halint.rule import Rule


class MissingArgument(Rule):
    """A line or a block of keepalived.conf lacks what it must have."""

    code = "KA146"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for complaint in node.keepalived.complaints if node.keepalived else ():
            if complaint.kind == "missing":
                yield self._missing(node, complaint)
            elif complaint.kind == "lacks":
                what = one_of(complaint.wanted.split()) + place_of(complaint)
                subject = whole(complaint.statement)
                yield self.finding(
                    f"{subject} on {node.name} has no {what}, so keepalived {complaint.effect}; add one",
                    node,
                    complaint.at,
                )
            elif complaint.kind == "empty":
                yield self.finding(
                    f"the block {complaint.name} on {node.name} is empty, so keepalived {complaint.effect}; fill it, "
                    "or remove it",
                    node,
                    complaint.at,
                )

    def _missing(self, node: Node, complaint: Complaint) -> Finding:
        assert complaint.fault is not None
        behind = complaint.statement.words[complaint.fault.index - 1]
        what = f"{complaint.wanted} is missing behind {behind.text}; add it, or remove the line"
        if complaint.fatal:
            message = f"keepalived on {node.name} will not start: {what}"
            return self.finding(message, node, complaint.at, severity=Severity.ERROR)
        return self.finding(f"keepalived on {node.name} {complaint.effect}: {what}", node, complaint.at)
