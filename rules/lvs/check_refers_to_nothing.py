"""LV115; its page is check_refers_to_nothing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class CheckRefersToNothing(Rule):
    """A check of a real server names a track_file or a bfd_instance that is not defined above it."""

    code = "LV115"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for fault in node.keepalived.server_faults if node.keepalived else ():
            if fault.kind == "undefined":
                what = f"keepalived {fault.what}; define it above, or correct the name"
                yield self.finding(f"{fault.server.name} on {node.name}: {what}", node, fault.at)
