"""KA111; its page is auth_pass_over_8.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import AUTH_BYTES
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class AuthPassOver8(Rule):
    """auth_pass is longer than the 8 bytes that VRRP carries."""

    code = "KA111"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for word in instance.refused.get("auth_pass", ()):
                yield self.finding(
                    f"only the first {AUTH_BYTES} bytes of the auth_pass of {instance.name} count on {node.name}, and "
                    f"`keepalived -t` fails there; shorten it to {AUTH_BYTES}",
                    node,
                    word,
                    label="cut",
                    fix=_fix(word),
                )


def _fix(word: Word) -> Fix | None:
    """Cut it as keepalived does, but where that cuts a character in two."""
    kept = word.text.encode("utf-8", "surrogateescape")[:AUTH_BYTES].decode("utf-8", "ignore")
    if len(kept.encode()) < AUTH_BYTES or not agreement.literal(word):
        return None
    shorter = word.raw.replace(word.text, kept)
    return Fix(f"cut it to {AUTH_BYTES} bytes", [edits.replace(word, shorter)], Applicability.SAFE)
