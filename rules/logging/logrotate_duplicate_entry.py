"""LG113; its page is logrotate_duplicate_entry.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import edits
from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity
from halint.models import logs
from halint.models.logrotate import Duplicate, is_wildcard
from halint.node import Node
from halint.rule import Rule


class LogrotateDuplicateEntry(Rule):
    """Two entries of logrotate name one log file: the later one is refused."""

    code = "LG113"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        duplicates = node.logrotate.duplicates(logs.files(node))
        for duplicate in duplicates:
            wildcard = is_wildcard(duplicate.word.text)
            loss = (
                "the files that this wildcard matches from it on are never rotated"
                if wildcard
                else "this one does not count"
            )
            yield self.finding(
                f"logrotate on {node.name} fails at {duplicate.path}: {duplicate.holder.path} has an entry for it "
                f"already, so {loss}; name each file once",
                node,
                duplicate.word,
                related=[Location(node, duplicate.first, "the entry that holds")],
                fix=None if wildcard else _fix(duplicate, duplicates),
                severity=Severity.ERROR if wildcard else Severity.WARNING,
            )


def _fix(duplicate: Duplicate, duplicates: list[Duplicate]) -> Fix:
    """Take the file out of the later entry, or that entry away where nothing is left of it."""
    word, statement = duplicate.word, duplicate.entry.statement
    if len(statement.words) == sum(other.entry is duplicate.entry for other in duplicates):
        change = edits.remove(statement)
    elif word is statement.words[0]:
        change = Edit(word.source, word.start, statement.words[1].start, "")
    else:
        before = statement.words[statement.words.index(word) - 1]
        change = Edit(word.source, before.end, word.end, "")
    return Fix(f"name {duplicate.path} once", [change], Applicability.SAFE)
