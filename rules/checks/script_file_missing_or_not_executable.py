"""KA406; its page is script_file_missing_or_not_executable.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, health
from halint.finding import Finding, Severity
from halint.rule import Rule


class ScriptFileMissingOrNotExecutable(Rule):
    """The script of a check is on another node, and not on this one."""

    code = "KA406"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for node in cluster.nodes:
            for script in node.keepalived.tracked_scripts if node.keepalived else ():
                path = script.command.partition(" ")[0]
                other = health.lacking(cluster, node, script.command)
                if other is not None:
                    yield self.finding(
                        f"keepalived on {node.name} disables the check {script.name}, so its failure moves nothing: "
                        f"{path} is on {other.name} and not on {node.name}; put it there",
                        node,
                        script.words[0],
                    )
