"""LG117; its page is logrotate_unknown_keyword.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.fixes import edits
from halint.node import Node
from halint.patterns.logrotate_table import SINCE, TAKES
from halint.rule import Rule
from halint.versions import show


class LogrotateUnknownKeyword(Rule):
    """logrotate does not know a keyword, and ignores its line."""

    code = "LG117"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        unknown = node.logrotate.unknown
        if not unknown:
            return
        from halint.nearest import Nearest

        nearest = Nearest()
        for statement in unknown:
            word = statement.words[0]
            since = SINCE.get(word.text)
            meant = None
            if since is not None and node.logrotate.version is not None:
                why = f"{word.text} came with version {show(since)}, and this is {show(node.logrotate.version)}"
            else:
                meant = nearest(word.text, TAKES)
                why = f"{word.text} is none of its keywords" + (f"; write {meant}" if meant else "")
            yield self.finding(
                f"logrotate on {node.name} ignores this line, with an error in its log alone: {why}",
                node,
                word,
                fix=edits.writing(word, meant),
            )
