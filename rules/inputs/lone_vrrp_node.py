"""HL104; its page is lone_vrrp_node.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.discovery.layout import KEEPALIVED
from halint.finding import Finding, Location, Severity
from halint.rule import Rule


class LoneVrrpNode(Rule):
    """A node runs VRRP, and the input has no other node that could take over."""

    code = "HL104"
    severity = Severity.WARNING

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        if cluster.declared:
            return
        routers = [n for n in cluster.nodes if n.layout is not None and KEEPALIVED in n.layout.files]
        if len(routers) != 1 or routers[0].keepalived is None:
            return
        node = routers[0]
        instances = [one for one in routers[0].keepalived.instances if one.all_vips]
        if instances:
            names = ", ".join(one.name for one in instances)
            yield self.finding(
                f"{node.name} is the only node with keepalived here, so nothing is known of a partner for {names}: "
                "check the nodes of the cluster together",
                node,
                instances[0].head,
                related=[Location(node, one.head) for one in instances[1:]],
            )
