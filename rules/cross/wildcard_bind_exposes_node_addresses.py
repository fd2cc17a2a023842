"""CX104; its page is wildcard_bind_exposes_node_addresses.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class WildcardBindExposesNodeAddresses(Rule):
    """A service answers on every address of the node, where another is bound to the virtual address alone."""

    code = "CX104"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        vips = {vip for instance in node.instances for vip in instance.all_vips}
        binds = node.haproxy.certain_binds if node.haproxy is not None else []
        named = next((bind for bind in binds if bind.address in vips), None)
        for bind in binds:
            if named is not None and bind.wildcard and not bind.interface and health.forwards(bind.proxy):
                yield self.finding(
                    f"clients can reach {bind.proxy.name} on every address of {node.name}, beside the virtual one, and "
                    "miss the fail-over there; bind the virtual address, as elsewhere in the file",
                    node,
                    bind.word,
                    related=[Location(node, named.word, "bound to the virtual address")],
                )
