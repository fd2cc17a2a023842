"""KA156; its page is malformed_sequence.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class MalformedSequence(Rule):
    """A line begins like one that keepalived repeats for each of several values, but says none."""

    code = "KA156"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for line in node.keepalived.malformed if node.keepalived else ():
            yield self.finding(
                f"keepalived on {node.name} drops this line: it takes no values from its sequence; write "
                "~SEQ(NAME,FIRST,STEP,LAST) with whole numbers that lead from the first to the last, or "
                "~LST(NAME,VALUE,...)",
                node,
                line.words[0],
                label="no values",
            )
