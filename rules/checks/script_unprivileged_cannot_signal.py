"""KA412; its page is script_unprivileged_cannot_signal.md."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models import check_script
from halint.models.keepalived import Keepalived
from halint.models.keepalived.tracking import VrrpScript
from halint.models.setting import Setting
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
        for script in keepalived.scripts if keepalived else ():
            words = check_script.unwrapped(check_script.words_of(script.command))
            user = _user(keepalived, script) if keepalived else None
            if user is None or not words or posixpath.basename(words[0]) not in _SIGNALLING:
                continue
            if user.value in ("root", *words):
                continue
            yield self.finding(
                f"the check {script.name} on {node.name} always fails if what it looks at runs under another account: "
                f"{user.value} may not signal it; use vrrp_track_process, or pgrep",
                node,
                script.words[0],
                related=[Location(node, user.at, "the account")],
            )


def _user(keepalived: Keepalived, script: VrrpScript) -> Setting[str | None] | None:
    """The account that the script runs under, where one is named."""
    own, shared = script.user, keepalived.global_text("script_user")
    return own if own.value else shared if shared.value else None
