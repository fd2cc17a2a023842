"""LG113; its page is logrotate_duplicate_entry.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.light import bisect_left, counted
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
        refused = counted(duplicate.entry for duplicate in duplicates)
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
                fix=None if wildcard else _fix(duplicate, refused[duplicate.entry]),
                severity=Severity.ERROR if wildcard else Severity.WARNING,
            )


def _fix(duplicate: Duplicate, refused: int) -> Fix:
    """Take the file out of the later entry, or that entry away where all its files are `refused`."""
    word, statement = duplicate.word, duplicate.entry.statement
    if len(statement.words) == refused:
        change = edits.remove(statement)
    elif word is statement.words[0]:
        change = Edit(word.source, word.start, statement.words[1].start, "")
    else:
        before = statement.words[bisect_left(statement.words, word.start, key=lambda other: other.start) - 1]
        change = Edit(word.source, before.end, word.end, "")
    return Fix(f"name {duplicate.path} once", [change], Applicability.SAFE)
