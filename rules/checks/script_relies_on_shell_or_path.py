"""KA410; its page is script_relies_on_shell_or_path.md."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models import check_faults
from halint.node import Node
from halint.rule import Rule


class ScriptReliesOnShellOrPath(Rule):
    """The command of a check is written for a shell, and keepalived runs none."""

    code = "KA410"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for script in node.keepalived.tracked_scripts if node.keepalived else ():
            sign = check_faults.shell_sign(script.command)
            if sign is None:
                continue
            program = posixpath.basename(script.command.partition(" ")[0])
            fails = check_faults.fails_for_certain(script.command)
            then = f", and {program} fails each time" if fails else ""
            yield self.finding(
                f"the check {script.name} on {node.name} {'always fails' if fails else 'is not what it looks like'}: "
                f"keepalived runs no shell, so {sign} and what follows are arguments of {program}{then}; put the "
                "command into a script",
                node,
                script.words[0],
                severity=Severity.ERROR if fails else Severity.WARNING,
            )
