"""KA108; its page is state_unknown_word.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

_MEANT = {"MASTER": "MASTER", "BACKUP": "BACKUP", "SLAVE": "BACKUP"}


class StateUnknownWord(Rule):
    """The state of an instance is neither MASTER nor BACKUP, so keepalived starts it as BACKUP."""

    code = "KA108"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for word in instance.refused.get("state", ()):
                yield self.finding(
                    f"{instance.name} starts as BACKUP on {node.name}: keepalived knows no state {word.text}; write "
                    "MASTER or BACKUP",
                    node,
                    word,
                    label="BACKUP is used",
                    fix=_fix(word),
                )


def _fix(word: Word) -> Fix | None:
    meant = _MEANT.get(word.text.upper())
    if meant is None or not agreement.literal(word):
        return None
    return Fix(f"write {meant}", [edits.replace(word, meant)], Applicability.SAFE)
