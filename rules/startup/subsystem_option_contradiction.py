"""ST103; its page is subsystem_option_contradiction.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class SubsystemOptionContradiction(Rule):
    """keepalived is started without the half of itself that its file is about."""

    code = "ST103"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        if model is None:
            return
        instances = [instance.statement for instance in model.instances]
        for own, other, blocks, lost in (
            ("check", "vrrp", instances, "no virtual address is ever held"),
            ("vrrp", "check", model.virtual_servers, "no virtual server is ever balanced"),
        ):
            option = node.startup.keepalived_option(own)
            if option is None or option.word is None or node.startup.keepalived_option(other) is not None or not blocks:
                continue
            yield self.finding(
                f"{lost} on {node.name}: keepalived is started with {option.text}, and leaves {blocks[0].keyword} out; "
                "remove the option",
                node,
                option.word,
                related=[Location(node, blocks[0].words[0], "is for nothing")],
            )
