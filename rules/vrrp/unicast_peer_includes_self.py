"""KA132; its page is unicast_peer_includes_self.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class UnicastPeerIncludesSelf(Rule):
    """The only unicast peer of an instance is the node itself."""

    code = "KA132"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            source = instance.unicast_src_ip
            own = address.canonical(source.value) if source.value else None
            if own is not None and instance.peers == {own}:
                yield self.finding(
                    f"{node.name} will hold the addresses of {instance.name} besides any other node: it sends its "
                    f"adverts to {own} alone, which is its own address; list the other nodes in unicast_peer",
                    node,
                    instance.unicast_peers[0],
                    related=[Location(node, source.at, "its own address")],
                )
