"""LG123; its page is rsyslog_include_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class RsyslogIncludeMissing(Rule):
    """rsyslogd does not find a file that it is to include, and reads nothing more, or does not start."""

    code = "LG123"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for statement in node.rsyslog.missing:
            directive = statement.keyword.startswith("$")
            what = "reads nothing below this line, in whatever file" if directive else "does not start"
            cure = "a pattern (*.conf), which may match nothing" if directive else 'mode="optional"'
            yield self.finding(
                f"rsyslog on {node.name} {what}: the file to include is not there; write it, or {cure}",
                node,
                statement.words[0],
            )
