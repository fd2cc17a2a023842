"""ST102; its page is options_file_not_read.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class OptionsFileNotRead(Rule):
    """Options of keepalived are written where its unit does not look."""

    code = "ST102"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        unread = node.startup.unread if node.keepalived else []
        for word, path, name in unread:
            here = word.source.path.endswith(path)
            alone = sum(other.source is word.source for other, _, _ in unread) == 1
            yield self.finding(
                f"keepalived on {node.name} starts without these options: its unit takes {name} of {path}; "
                + ("rename it" if here else "move them there"),
                node,
                word,
                label="nobody reads it",
                fix=_fix(node, word, path, name) if here and alone else None,
            )


def _fix(node: Node, word: Word, path: str, name: str) -> Fix | None:
    """Rename the variable, and take away an empty one of the right name: the last in the file counts."""
    others = [each for each in node.startup.assignments(path) if each.keyword == name]
    if not agreement.literal(word) or any(len(each.words) > 1 and each.words[1].text for each in others):
        return None
    changes = [edits.replace(word, name), *map(edits.remove, others)]
    return Fix(f"write {name}", [*changes], Applicability.UNSAFE)
