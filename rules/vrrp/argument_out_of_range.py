"""KA148; its page is argument_out_of_range.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.language.wording import is_check_weight, remedy, subject
from halint.node import Node
from halint.rule import Rule


class ArgumentOutOfRange(Rule):
    """A number in keepalived.conf is smaller or larger than keepalived takes."""

    code = "KA148"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for complaint in node.keepalived.complaints if node.keepalived else ():
            keyword = complaint.keyword
            if complaint.kind != "range" or keyword is None or keyword.owner or is_check_weight(complaint):
                continue
            what = f"{subject(complaint)} is not {complaint.wanted}; {remedy(complaint)}"
            yield self.finding(f"keepalived on {node.name} {complaint.effect}: {what}", node, complaint.at)
