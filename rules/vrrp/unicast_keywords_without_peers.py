"""KA131; its page is unicast_keywords_without_peers.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class UnicastKeywordsWithoutPeers(Rule):
    """An instance asks for unicast and has no peer, so keepalived uses multicast."""

    code = "KA131"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            settings = instance.unicast_settings
            if not settings or instance.unicast or instance.faults_without_peer:
                continue
            if instance.partial or instance.unknown_addresses:
                continue
            at = settings[0].words[0]
            yield self.finding(
                f"{instance.name} uses multicast on {node.name}, which many networks do not carry: there is "
                f"{at.text}, but no peer; list the other nodes in unicast_peer, or remove {at.text}",
                node,
                at,
            )
