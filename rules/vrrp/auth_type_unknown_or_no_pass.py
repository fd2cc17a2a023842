"""KA114; its page is auth_type_unknown_or_no_pass.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import NO_PASSWORD
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class AuthTypeUnknownOrNoPass(Rule):
    """An instance runs without the authentication that is written, since its type or password is missing."""

    code = "KA114"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            impossible = instance.knows_no_authentication
            for word in instance.refused.get("auth_type", ()):
                cure = f"{impossible}, so" if impossible else "write PASS or AH, or"
                yield self.finding(
                    f"{instance.name} runs without authentication on {node.name}: there is no auth_type {word.text}; "
                    f"{cure} remove the authentication block",
                    node,
                    word,
                    label="ignored",
                    fix=None if impossible else _fix(word),
                )
            if instance.auth_ignored == NO_PASSWORD:
                yield self.finding(
                    f"{instance.name} runs without authentication on {node.name}: {NO_PASSWORD}; add one, or "
                    "remove the authentication block",
                    node,
                    instance.auth_type.at,
                    label="ignored",
                )


def _fix(word: Word) -> Fix | None:
    """It changes what the node sends: the peers may rely on none."""
    meant = word.text.upper()
    if meant not in ("PASS", "AH") or not agreement.literal(word):
        return None
    return Fix(f"write {meant}", [edits.replace(word, meant)], Applicability.UNSAFE)
