"""CX109; its page is bind_interface_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class BindInterfaceMissing(Rule):
    """haproxy is to listen on an interface that the node does not have."""

    code = "CX109"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for bind in node.haproxy.certain_binds if node.haproxy is not None else ():
            name = bind.interface
            if name is None or "$" in name or not node.interfaces.captured or name in node.interfaces.names:
                continue
            known = ", ".join(sorted(node.interfaces.names - {"lo"})) or "none but lo"
            yield self.finding(
                f"haproxy on {node.name} listens on {bind.word.text} of every interface: there is no {name} (there: "
                f"{known}), and haproxy only warns; name the interface that this node has",
                node,
                bind.word,
            )
