"""ST105; its page is dont_release_vrrp.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class DontReleaseVrrp(Rule):
    """keepalived leaves its virtual addresses behind when it stops."""

    code = "ST105"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        option = node.startup.keepalived_option("dont-release-vrrp") if node.instances else None
        if option is not None and option.word is not None:
            yield self.finding(
                f"two nodes have the virtual addresses after keepalived on {node.name} stops: with {option.text} it "
                "does not take them away; remove the option",
                node,
                option.word,
            )
