"""KA147; its page is invalid_argument.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.wording import remedy, subject
from halint.node import Node
from halint.rule import Rule


class InvalidArgument(Rule):
    """An argument in keepalived.conf is of the wrong kind, or one too many."""

    code = "KA147"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for complaint in node.keepalived.complaints if node.keepalived else ():
            keyword = complaint.keyword
            if keyword is None or keyword.owner or complaint.kind not in ("invalid", "extra"):
                continue
            severity = Severity.ERROR if keyword.drops else Severity.WARNING
            yield self.finding(self._message(node, complaint), node, complaint.at, severity=severity)

    @staticmethod
    def _message(node: Node, complaint: Complaint) -> str:
        too_many = complaint.kind == "extra"
        what = "is one word too many; remove it" if too_many else f"is not {complaint.wanted}; {remedy(complaint)}"
        return f"keepalived on {node.name} {complaint.effect}: {subject(complaint)} {what}"
