"""HA213; its page is empty_stats_password.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.readers.haproxy import VariableWord
from halint.rule import Rule
from halint.tree import Statement, Word


class EmptyStatsPassword(Rule):
    """`stats auth` names a user without a password, so that the password is empty."""

    code = "HA213"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for proxy in node.haproxy.having("stats"):
            for statement in proxy.keyword("stats"):
                user = _user(statement)
                if user is None or not proxy.is_certain(statement) or user.text.partition(":")[2]:
                    continue
                ignored = "; the word behind it is ignored" if len(statement.words) > 3 else ""
                yield self.finding(
                    f"haproxy on {node.name} will show its statistics to whoever gives this user and no password: "
                    f"`stats auth` takes user:password as one word{ignored}; write the password behind a colon",
                    node,
                    user,
                )


def _user(statement: Statement) -> Word | None:
    """The user, with the password, of a `stats auth` line; None where somebody masked both (a sos report)."""
    word = statement.argument(1)
    known = word is not None and not isinstance(word, VariableWord) and word.text.strip("*")
    return word if known and statement.words[1].text == "auth" else None
