"""HA142; its page is missing_mandatory_keyword.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.haproxy.missing import missing
from halint.node import Node
from halint.rule import Rule


class MissingMandatoryKeyword(Rule):
    """Something lacks what it cannot be without: a certificate, a port, a log, a bind."""

    code = "HA142"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for found in missing(node.haproxy):
            message = f"haproxy on {node.name} {found.effect}; {found.cure}"
            yield self.finding(message, node, found.word, severity=found.severity)
