"""FW108; its page is direct_interface_deprecated.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, adverts
from halint.finding import Finding, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule


class DirectInterfaceDeprecated(Rule):
    """firewalld has direct rules, which later versions treat otherwise or drop."""

    code = "FW108"
    severity = Severity.INFO
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for node in cluster.nodes:
            if "firewall" not in node.collected or node.firewall.active is None:
                yield self.skip(node, "firewall")
            elif node.firewall.firewalld is not None:
                rules = node.firewall.firewalld.direct.rules
                if rules and not _reported(cluster, node):
                    yield self.finding(
                        _message(node),
                        node,
                        rules[0],
                        related=[Location(node, rule, "this too") for rule in rules[1:]],
                    )


def _reported(cluster: Cluster, node: Node) -> bool:
    """Whether FW107 or FW116 has the direct rules of `node` already."""
    if any(refusal.node is node and refusal.cause == adverts.DIRECT for refusal in adverts.refusals(cluster)):
        return True
    direct = "/etc/firewalld/direct.xml"
    return any(word.source is node.files.get(direct) for word, _ in node.firewall.misspelled())


def _message(node: Node) -> str:
    firewalld = node.firewall.firewalld
    if firewalld is not None and firewalld.backend == "iptables":
        return (
            f"what the direct rules of {node.name} accept is refused after an upgrade to the nftables backend, where "
            "the zones decide, too; write it into the zone"
        )
    return (
        f"a later firewalld will ignore the direct rules of {node.name}: the direct interface is deprecated; write "
        "them into zones and policies"
    )
