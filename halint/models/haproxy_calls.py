"""The calls of sample fetches and converters in a line: `sc_http_req_rate(0,abuse)`, `src,in_table(abuse)`.

Only what refers to something that stands elsewhere is looked for, in the places where haproxy reads an expression:
behind the name of an ACL, behind `{`, in `%[ ]`, and in a word of a rule that is an expression as a whole. Whatever
else looks like a call is a pattern or a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.lexer import compiled, occurrences
from halint.readers.haproxy import VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy

_CALL = r"(?P<name>[a-zA-Z][\w.-]*)(?:\((?P<arguments>[^()]*)\))?"
_WHOLE = rf"(?>{_CALL.replace('?P<name>', '?:').replace('?P<arguments>', '?:')}(?:,|$))+"
_LOG_FORMAT = r"%(?:\([^()]*\))?(?:\{[^{}]*\})?\[(?P<expression>(?>(?:[^][()]|\([^()]*\))*))\]"


class Call:
    """One fetch or converter. arguments: as written. converter: whether it takes a sample from what is before it.
    word: the whole call, or the word that it is in where that is quoted."""

    __slots__ = ("arguments", "converter", "name", "word")

    def __init__(self, name: str, arguments: list[str], converter: bool, word: Word) -> None:
        self.name = name
        self.arguments = arguments
        self.converter = converter
        self.word = word


def calls(statement: Statement) -> Iterator[Call]:
    """The calls of `statement`, in order. A word with variables has none: they may be any text."""
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
            for found in compiled(_LOG_FORMAT).finditer(text):
                yield from _chain(word, found.start("expression"), found.end("expression"))
        if compiled(_WHOLE).fullmatch(text):
            yield from _chain(word, 0, len(text))


def _chain(word: Word, start: int, end: int) -> Iterator[Call]:
    text = word.text
    exact = word.raw == text
    for found in compiled(_CALL).finditer(text, start, end):
        before = text[start : found.start()]
        if before and before[-1] != ",":
            continue
        arguments = found["arguments"]
        listed = [] if arguments is None else [part.strip(" ") for part in arguments.split(",")]
        at = word.part(found.start(), found.end()) if exact else word
        yield Call(found["name"], listed, bool(before), at)


def holding(haproxy: Haproxy, needles: tuple[str, ...]) -> Iterator[tuple[Proxy, Statement]]:
    """The lines of proxies and defaults sections that hold one of `needles`, each once, and what they are in."""
    for source in haproxy.sources:
        text = source.text
        found = sorted({at for needle in needles for at in occurrences(text, needle)})
        if not found:
            continue
        lines = (
            (proxy, statement)
            for proxy in sorted(
                (proxy for proxy in [*haproxy.defaults, *haproxy.proxies] if proxy.statement.source is source),
                key=lambda proxy: proxy.statement.start,
            )
            for statement in proxy.body
        )
        position = iter(found)
        at = next(position, None)
        for proxy, statement in lines:
            while at is not None and at < statement.start:
                at = next(position, None)
            if at is None:
                break
            if at < statement.end:
                yield proxy, statement
