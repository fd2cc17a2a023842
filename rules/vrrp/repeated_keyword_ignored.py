"""KA154; its page is repeated_keyword_ignored.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived.language.wording import head
from halint.node import Node
from halint.rule import Rule


class RepeatedKeywordIgnored(Rule):
    """A keyword that a block may have once stands in it twice, and keepalived ignores one of them."""

    code = "KA154"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for complaint in node.keepalived.complaints if node.keepalived else ():
            keyword, first = complaint.keyword, complaint.first
            if complaint.kind != "repeated" or keyword is None or first is None:
                continue
            kept = "first" if keyword.repeat == "first" else "last"
            what = f"the {kept} {keyword.name} of {head(complaint.opened)}"
            yield self.finding(
                f"keepalived on {node.name} takes only {what}; remove the other",
                node,
                complaint.at,
                related=[Location(node, first.words[0], "here first")],
            )
