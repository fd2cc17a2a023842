"""The calls of sample fetches and converters in a line: `sc_http_req_rate(0,abuse)`, `src,in_table(abuse)`.

Only what refers to something that stands elsewhere is looked for, in the places where haproxy reads an expression:
behind the name of an ACL, behind `{`, in `%[ ]`, and in a word of a rule that is an expression as a whole. Whatever
else looks like a call is a pattern or a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from halint.light import bisect_left
from halint.models.haproxy.language.fault import part
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled, occurrences
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy.language.samples import Expression
    from halint.versions import Version

#: What may be an expression as a whole.
_WHOLE = r"[A-Za-z][A-Za-z0-9._:+-]*(?:[(,].*)?"
_ITEM = r"%(?:\([^()]*\))?(?:\{[^{}]*\})?\["


class Call:
    """What a fetch or converter refers to.

    kind: "table", "server", "backend", "frontend" or "user list". name: as written; "" for the proxy's own.
    word: where it stands, or the word that it is in where that is written in another way.
    """

    __slots__ = ("kind", "name", "word")

    def __init__(self, kind: str, name: str, word: Word) -> None:
        self.kind = kind
        self.name = name
        self.word = word


def calls(statement: Statement, version: Version | None) -> Iterator[Call]:
    """What the expressions of `statement` refer to, in order. A word with variables has none: they may be any text."""
    from halint.models.haproxy.language import samples  # with the table of all fetches: many files call none

    words = statement.words
    inside = False
    for number, word in enumerate(words[1:], 1):
        text = word.text
        if text in ("{", "}"):
            inside = text == "{"
        pattern = number != 2 if words[0].text == "acl" else inside and words[number - 1].text != "{"
        if pattern or isinstance(word, VariableWord):
            continue
        if "%" in text and "[" in text:
            for found in compiled(_ITEM).finditer(text):
                yield from _references(word, samples.parse(text, found.end(), version, enclosed=True))
        if compiled(_WHOLE).fullmatch(text):
            yield from _references(word, samples.read(text, version, True))


def _references(word: Word, expression: Expression) -> Iterator[Call]:
    for kind, argument in expression.references:
        yield Call(kind, argument.text, part(word, argument.start, argument.end) if argument.text else word)


def holding(haproxy: Haproxy, keywords: Set[str], needles: tuple[str, ...]) -> Iterator[tuple[Proxy, Statement]]:
    """The lines of proxies and defaults sections with one of `keywords` that hold one of `needles`, and what they are
    in."""
    places = {s: sorted(at for needle in needles for at in occurrences(s.text, needle)) for s in haproxy.sources}
    for proxy in haproxy.having(*keywords):
        found = places[proxy.statement.source]
        if _within(proxy.statement, found):
            for statement in proxy.body:
                if statement.keyword in keywords and _within(statement, found):
                    yield proxy, statement


def _within(statement: Statement, places: list[int]) -> bool:
    """Whether one of `places`, which are in order, is in `statement`."""
    at = bisect_left(places, statement.start)
    return at < len(places) and places[at] < statement.end
