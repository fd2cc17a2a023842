"""KA141; its page is scalar_keyword_repeated.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.keepalived.language.wording import head
from halint.node import Node
from halint.rule import Rule

#: Those that decide who is master of what.
_DECISIVE = frozenset({"priority", "virtual_router_id", "advert_int", "interface"})


class ScalarKeywordRepeated(Rule):
    """An instance sets its priority, VRID, interval or interface twice, and the last one counts."""

    code = "KA141"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        for complaint in node.keepalived.complaints if node.keepalived else ():
            statement, first = complaint.statement, complaint.first
            if complaint.kind != "again" or complaint.block != "vrrp_instance" or first is None:
                continue
            same = [word.text for word in statement.words] == [word.text for word in first.words]
            if statement.keyword in _DECISIVE and not same:
                yield self.finding(
                    f"{head(complaint.opened)} on {node.name} sets {statement.keyword} twice, and keepalived takes the "
                    "last one without a word; remove one of them",
                    node,
                    statement,
                    related=[Location(node, first, "set here first")],
                )
