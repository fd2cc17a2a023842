"""KA407; its page is script_user_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Applicability, Finding, Fix, Located, Severity
from halint.fixes import edits
from halint.models.keepalived.tracking import VrrpScript
from halint.node import Node
from halint.rule import Rule
from halint.tree import Statement

_DEFAULT = "keepalived_script"
_STOCK_FOLDERS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")


class ScriptUserMissing(Rule):
    """The account that a check script is to run under does not exist, so keepalived drops the check."""

    code = "KA407"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        if model is None:
            return
        named = model.global_text("script_user")
        secure = model.global_setting("enable_script_security")
        accounts = health.accounts(node)
        used = model.tracked_scripts
        following = [script for script in used if script.user.value is None]
        for script in used:
            user = script.user
            if user.value is not None and health.lacks(accounts, user.value):
                yield self.dropped(node, [script], f"user {user.value} is not in /etc/passwd", user.at)
        if not following:
            return
        if named.value is not None:
            if health.lacks(accounts, named.value):
                yield self.dropped(node, following, f"script_user {named.value} is not in /etc/passwd", named.at)
        elif secure is not None and (accounts is None or _DEFAULT not in accounts):
            why = f"enable_script_security without script_user makes keepalived want the account {_DEFAULT}"
            yield self.dropped(
                node, following, why, secure.words[0], _fix(secure, following), certain=accounts is not None
            )

    def dropped(
        self,
        node: Node,
        scripts: list[VrrpScript],
        why: str,
        at: Located,
        fix: Fix | None = None,
        *,
        certain: bool = True,
    ) -> Finding:
        """The finding that keepalived drops `scripts`; certain: whether the account is known not to exist."""
        names = " and ".join(script.name for script in scripts)
        message = f"keepalived drops the check{'s' if len(scripts) > 1 else ''} {names} on {node.name}: {why}"
        if not certain:
            message += ", which the packages of keepalived do not create"
        message += "; name an account that exists"
        if not certain:
            message += f", unless {_DEFAULT} was created on {node.name}"
        severity = Severity.ERROR if certain else Severity.WARNING
        return self.finding(message, node, at, label="no such account", fix=fix, severity=severity)


def _fix(secure: Statement, scripts: list[VrrpScript]) -> Fix:
    """Run them as root: to be applied only where every path is certainly root's own, for keepalived disables
    a script of root that others can write."""
    stock = all(script.command.startswith(_STOCK_FOLDERS) for script in scripts)
    applicability = Applicability.UNSAFE if stock else Applicability.DISPLAY
    return Fix("run the checks as root", [edits.before(secure, "script_user root")], applicability)
