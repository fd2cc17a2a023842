"""KA421; its page is notify_script_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, health
from halint.finding import Finding, Severity
from halint.models.keepalived import scripts
from halint.rule import Rule


class NotifyScriptMissing(Rule):
    """A script that is to run at a change of state is on another node, and not on this one."""

    code = "KA421"
    severity = Severity.WARNING

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for node in cluster.nodes:
            for word in scripts.notified(node.keepalived) if node.keepalived else ():
                other = health.lacking(cluster, node, word.text)
                if other is not None:
                    path = word.text.partition(" ")[0]
                    yield self.finding(
                        f"nothing happens on {node.name} when its state changes, and `keepalived -t` does not say so: "
                        f"{path} is on {other.name} and not on {node.name}; put it there",
                        node,
                        word,
                    )
