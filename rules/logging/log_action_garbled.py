"""LG122; its page is log_action_garbled.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class LogActionGarbled(Rule):
    """Something stands behind the name of a log file, and rsyslogd drops the action for it."""

    code = "LG122"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for word in node.rsyslog.garbled:
            yield self.finding(
                f"rsyslog on {node.name} writes nothing by this action: what stands behind the file's name is neither "
                "a comment behind a space, which a tab is not, nor ;TEMPLATE; take it away",
                node,
                word,
            )
