"""KA412; its page is script_unprivileged_cannot_signal.md."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models import check_script
from halint.node import Node
from halint.rule import Rule

_SIGNALLING = frozenset({"kill", "killall", "pkill"})


class ScriptUnprivilegedCannotSignal(Rule):
    """A check sends a signal to a process of another account, which the kernel refuses."""

    code = "KA412"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        keepalived = node.keepalived
        if keepalived is None:
            return
        for script in keepalived.tracked_scripts:
            user, words = keepalived.account(script), check_script.command_words(script.command)
            if user.value in (None, "root", *words) or posixpath.basename("".join(words[:1])) not in _SIGNALLING:
                continue
            yield self.finding(
                f"the check {script.name} on {node.name} always fails if what it looks at runs under another account: "
                f"{user.value} may not signal it; use vrrp_track_process, or pgrep",
                node,
                script.words[0],
                related=[Location(node, user.at, "the account")],
            )
