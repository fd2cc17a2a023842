"""ST102; its page is options_file_not_read.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule


class OptionsFileNotRead(Rule):
    """Options of keepalived are written where its unit does not look."""

    code = "ST102"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        for word, path, name in node.startup.unread if node.keepalived else ():
            here = word.source.path.endswith(path)
            fix = None
            if here and agreement.literal(word):
                fix = Fix(f"write {name}", [edits.replace(word, name)], Applicability.UNSAFE)
            yield self.finding(
                f"keepalived on {node.name} starts without these options: its unit takes {name} of {path}; "
                + ("rename it" if here else "move them there"),
                node,
                word,
                label="nobody reads it",
                fix=fix,
            )
