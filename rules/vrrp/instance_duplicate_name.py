"""KA138; its page is instance_duplicate_name.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class InstanceDuplicateName(Rule):
    """Two instances, or two sync groups, have one name: keepalived skips the second."""

    code = "KA138"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for skipped, first in node.keepalived.skipped if node.keepalived else ():
            name = skipped.words[-1]
            yield self.finding(
                f"keepalived on {node.name} skips this {skipped.keyword}: there is one named {name.text} already; give "
                "it another name",
                node,
                name,
                label="skipped",
                related=[Location(node, first.words[-1], "the first")],
                severity=Severity.ERROR if skipped.keyword == "vrrp_instance" else Severity.WARNING,
            )
