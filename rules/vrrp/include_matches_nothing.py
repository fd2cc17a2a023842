"""KA140; its page is include_matches_nothing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class IncludeMatchesNothing(Rule):
    """An include line of keepalived.conf names no file that is there."""

    code = "KA140"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for include in node.keepalived.missing_includes if node.keepalived else ():
            path = include.words[1]
            if node.is_report:
                yield self.finding(
                    f"what {path.text} adds on {node.name} is not known: a sos report takes keepalived.conf alone; put "
                    "the file into the report, at its place",
                    node,
                    path,
                    severity=Severity.INFO,
                )
                continue
            optional = any(sign in path.text for sign in "*?[")
            yield self.finding(
                f"keepalived on {node.name} goes on without {path.text}: there is no such file in what was read; add "
                "it, or remove the line",
                node,
                path,
                severity=Severity.INFO if optional else Severity.WARNING,
            )
