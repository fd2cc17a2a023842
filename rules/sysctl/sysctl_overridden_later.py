"""SY102; its page is sysctl_overridden_later.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.sysctl import CONF, Assignment
from halint.node import Node
from halint.rule import Rule


class SysctlOverriddenLater(Rule):
    """A line of /etc sets a kernel parameter, and a boot leaves it at something else."""

    code = "SY102"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        last: dict[str, Assignment] = {}
        for line in reversed(node.sysctl.lines):
            if line.word is None:
                continue
            winner = last.setdefault(line.name, line)
            if winner.word is None or winner.word.text == line.word.text or not line.path.startswith("/etc/"):
                continue
            yield self.finding(
                f"{line.key.text} is {winner.word.text} on {node.name} after a boot, and not {line.word.text}: "
                f"{winner.path if winner.path != line.path else 'a line below it'} is read later, and outranks this"
                f"{_by_hand(line, winner)}; keep one of the two",
                node,
                line.word,
                label="outranked",
                related=[Location(node, winner.word, "this one counts")],
            )
        for line in node.sysctl.only_by_hand():
            yield self.finding(
                f"{line.key.text} is not set on {node.name} after a boot: 99-sysctl.conf is no link to {CONF}, which "
                "`sysctl --system` alone reads; write the line in a file of /etc/sysctl.d",
                node,
                line.key,
            )


def _by_hand(line: Assignment, winner: Assignment) -> str:
    """What `sysctl --system` makes of a line that a boot overrules: it reads /etc/sysctl.conf last."""
    return " (`sysctl --system` hides that: it reads this file last)" if line.path == CONF != winner.path else ""
