"""Words that a comment sign cuts: keepalived takes `#` and `!` for the beginning of a comment also within a word.

Source: keepalived.conf(5), "Comments"; keepalived v2.2.7 lib/parser.c, `decomment`; measured.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint.models.keepalived.language.keywords import keywords
from halint.patterns.keepalived_table import BLOCKS
from halint.readers.lexer import compiled, occurrences
from halint.source import Place, Source
from halint.tree import Statement, Word

#: What may hold a sign that is meant: a number or an address that it follows is whole without.
_FREE = ("WORD", "SECRET", "SCRIPT", "HOST")


class Cut:
    """A word that ends at a comment sign. keyword: what it belongs to. whole: the span of what was probably meant."""

    __slots__ = ("keyword", "whole", "word")

    def __init__(self, keyword: str, word: Word) -> None:
        text = word.source.text
        rest = compiled(r"[^ \t\r\n]*").match(text, word.end)
        self.keyword = keyword
        self.word = word
        self.whole = Place(word.source, word.start, rest.end() if rest else word.end)


def cut_words(statements: list[Statement], sources: list[Source]) -> Iterator[Cut]:
    """The last words of `statements` and all within them that end at a comment sign with more behind it."""
    if not any(_may_cut(source.text) for source in sources):
        return
    todo = [("", statement) for statement in reversed(statements)]
    while todo:
        path, statement = todo.pop()
        keyword = _owner(path, statement)
        if keyword and _is_cut(statement.words[-1]):
            yield Cut(keyword, statement.words[-1])
        inner = f"{path}/{statement.keyword}" if path else statement.keyword
        todo += [(inner, child) for child in reversed(statement.body or ())]


def _may_cut(text: str) -> bool:
    """Whether a sign stands in a word anywhere. To look for the signs alone takes a tenth of a search by pattern."""
    sign = compiled(r"(?<=[^ \t\r\n{}\"#!\\])[#!]+[^ \t\r\n#!]")
    return any(sign.match(text, at) for mark in "#!" for at in occurrences(text, mark))


def _owner(path: str, statement: Statement) -> str:
    """The keyword whose value the last word of `statement` is, where that may be any text; else ""."""
    if path in BLOCKS:
        found = keywords(path).get(statement.keyword)
        signature = found.arguments or "" if found else ""
        alone = len(statement.words) == 2 or (len(statement.words) > 2 and "SCRIPT" in signature)
        return statement.keyword if alone and any(atom in signature for atom in _FREE) else ""
    block, _, name = path.rpartition("/")
    around = keywords(block).get(name) if block in BLOCKS else None
    return name if around is not None and around.line == "WORD" else ""


def _is_cut(word: Word) -> bool:
    """Whether the sign that ends the word has more behind it than a comment would: no blank, no further sign alone."""
    text = word.source.text
    return (
        text[word.start : word.start + 1] != '"'
        and text[word.end : word.end + 1] in ("#", "!")
        and compiled(r"[#!]+[^ \t\r\n#!]").match(text, word.end) is not None
    )
