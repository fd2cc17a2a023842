"""KA211; its page is no_backup_instance.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.cluster.virtual_router import across_families
from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class NoBackupInstance(Rule):
    """A virtual address is configured on only one of the nodes."""

    code = "KA211"
    severity = Severity.ERROR
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        nodes = [node for node in cluster.nodes if node.keepalived is not None and node.keepalived.instances]
        alone = [router.members[0] for router in cluster.virtual_routers if len(router.members) == 1]
        divided = {member for pair in across_families(cluster.virtual_routers) for member in pair}  # KA216 says that
        if len(nodes) < 2 or (cluster.tentative and len(alone) == len(cluster.virtual_routers)):
            return
        unclear = {member.node for member in alone if not member.instance.complete}
        unclear |= {node for node in nodes if _may_hold_more(node)}
        for member in alone:
            if not member.instance.complete or member in divided or unclear - {member.node}:
                continue
            others = " or ".join(node.name for node in nodes if node is not member.node)
            vips = sorted(member.instance.vips)
            shown = (
                vips[0] + (f" (and {len(vips) - 1} more)" if len(vips) > 1 else "") if vips else member.instance.name
            )
            yield self.finding(
                f"nobody will take over {shown} when {member.node.name} fails: no other node has an instance for it; "
                f"add one on {others}",
                member.node,
                member.instance.head,
                label=f"only on {member.node.name}",
            )


def _may_hold_more(node: Node) -> bool:
    """Whether an instance of `node` may have escaped: in an include that is not in the input, or a syntax error."""
    keepalived = node.keepalived
    return keepalived is not None and bool(keepalived.missing_includes or keepalived.problems)
