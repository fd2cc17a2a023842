"""KA145; its page is smtp_alert_without_server.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived import Keepalived
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

_OFF = frozenset({"false", "off", "no"})


class SmtpAlertWithoutServer(Rule):
    """Mails are asked for, and keepalived sends none: it lacks a recipient or a server."""

    code = "KA145"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        keepalived = node.keepalived
        asked = _asked(keepalived) if keepalived is not None and not keepalived.missing_includes else None
        if keepalived is None or asked is None:
            return
        lacking = [
            keyword for keyword in ("notification_email", "smtp_server") if keepalived.global_setting(keyword) is None
        ]
        if lacking:
            yield self.finding(
                f"keepalived on {node.name} will send no mails, though {asked.text} asks for them: global_defs has no "
                f"{' and no '.join(lacking)}; add {'them' if len(lacking) > 1 else 'it'}",
                node,
                asked,
            )


def _asked(keepalived: Keepalived) -> Word | None:
    """The first line that asks for mails."""
    for statement in keepalived.inner("smtp_alert", "smtp_alert_vrrp", "smtp_alert_checker"):
        word = statement.argument()
        if word is None or word.text not in _OFF:
            return statement.words[0]
    return None
