"""KA112; its page is auth_value_cut_by_comment_char.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.models.keepalived.language.cut import cut_words
from halint.node import Node
from halint.rule import Rule


class AuthValueCutByCommentChar(Rule):
    """A `#` or `!` in an unquoted auth_pass begins a comment, so the password is shorter than it looks."""

    code = "KA112"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        for cut in cut_words(model.statements, model.sources) if model else ():
            if cut.keyword != "auth_pass":
                continue
            text = cut.whole.source.text[cut.whole.start : cut.whole.end]
            edit = Edit(cut.whole.source, cut.whole.start, cut.whole.end, f'"{text}"')
            plain = '"' not in text and "\\" not in text
            yield self.finding(
                f"the auth_pass on {node.name} ends at the {cut.whole.source.text[cut.word.end]} in it, which begins a "
                "comment; quote it, on every node",
                node,
                cut.whole,
                label="the rest is a comment",
                fix=Fix("quote the auth_pass", [edit], Applicability.UNSAFE) if plain else None,
            )
