"""KA150; its page is value_cut_by_comment_char.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.models.keepalived.language.cut import cut_words
from halint.node import Node
from halint.rule import Rule


class ValueCutByCommentChar(Rule):
    """A `#` or `!` in an unquoted value begins a comment, so the value is shorter than it looks."""

    code = "KA150"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        for cut in cut_words(model.statements, model.sources) if model else ():
            if cut.keyword == "auth_pass":
                continue
            text = cut.whole.source.text[cut.whole.start : cut.whole.end]
            edit = Edit(cut.whole.source, cut.whole.start, cut.whole.end, f'"{text}"')
            plain = '"' not in text and "\\" not in text
            yield self.finding(
                f"the value of {cut.keyword} on {node.name} ends at the {cut.whole.source.text[cut.word.end]} in it, "
                "which begins a comment; quote it, or put a blank before the comment",
                node,
                cut.whole,
                label="the rest is a comment",
                fix=Fix(f"quote the value of {cut.keyword}", [edit], Applicability.UNSAFE) if plain else None,
            )
