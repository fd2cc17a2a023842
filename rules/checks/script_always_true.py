"""KA411; its page is script_always_true.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Finding, Severity
from halint.models import check_faults, check_script
from halint.models.keepalived.tracking import VrrpScript
from halint.node import Node
from halint.rule import Rule


class ScriptAlwaysTrue(Rule):
    """A check cannot fail: the exit status of its command is always 0."""

    code = "KA411"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for script in node.keepalived.tracked_scripts if node.keepalived else ():
            check = check_script.of_command(node, script.command)
            if check.stops_keepalived is True or not check_faults.never_fails(node, script.command):
                continue
            yield self.finding(
                f"{node.name} keeps its addresses whatever the check {script.name} finds: it always succeeds, for the "
                "exit status of its last command is 0 whatever comes before; end with the status of what is checked",
                node,
                script.words[0],
                severity=Severity.WARNING if _is_watched(node, script) else Severity.ERROR,
            )


def _is_watched(node: Node, script: VrrpScript) -> bool:
    """Whether every instance that tracks `script` tracks something else that certainly fails when haproxy dies."""
    return all(
        any(
            check.looks_at_haproxy and tracked.tracker is not script for tracked, check in health.checks(node, instance)
        )
        for instance in node.instances
        if any(tracked.tracker is script for tracked in instance.tracked)
    )
