"""LG108; its page is deprecated_discard.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule


class DeprecatedDiscard(Rule):
    """`~` ends a message in rsyslog's rules, where `stop` is meant since version 7."""

    code = "LG108"
    severity = Severity.INFO
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        words = node.rsyslog.discards
        for word in words[:1]:
            yield self.finding(
                f"rsyslog on {node.name} is told to drop messages by `~`, which is deprecated; write `stop`",
                node,
                word,
                related=[Location(node, other, "here too") for other in words[1:]],
                fix=Fix("write stop", [edits.replace(word, "stop") for word in words], Applicability.SAFE),
            )
