"""Reads files of KEY=VALUE lines: a statement `key value` an assignment, the value without its quotes; a line
of shell that assigns nothing is a statement of one word."""

from __future__ import annotations

from collections.abc import Iterator

from halint.patterns import assignments as patterns
from halint.readers import modes
from halint.readers.lexer import unescaped
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

_LEXERS = {
    "file": patterns.FILE_TOKENS,
    "key": patterns.KEY_TOKENS,
    "value": patterns.VALUE_TOKENS,
    "double": patterns.DOUBLE_TOKENS,
    "single": patterns.SINGLE_TOKENS,
}
_SWITCHES = {
    ("file", "key"): "key",
    ("key", "equals"): "value",
    ("value", "newline"): "file",
    ("value", "double"): "double",
    ("value", "single"): "single",
    ("double", "end"): "value",
    ("single", "end"): "value",
}
#: Where a quote is never closed, every string ends with its line, so that the rest of the file is still read.
_RECOVERING = {**_SWITCHES, ("double", "inner"): "file", ("single", "inner"): "file"}


def tokens(text: str) -> Iterator[Token]:
    return iter(_tokens(text)[0])


def read(source: Source) -> Tree:
    """The tree of `source`."""
    reading = _Reading(source)
    return Tree(source, reading.statements, reading.problems, tokens)


def _tokens(text: str) -> tuple[list[Token], bool]:
    """The tokens of `text`, and whether some quote in it is never closed."""
    found = list(modes.scan(_LEXERS, _SWITCHES, text))
    last = next((t.kind for t in reversed(found) if t.kind in ("double", "single", "end")), "end")
    return (found, False) if last == "end" else (list(modes.scan(_LEXERS, _RECOVERING, text)), True)


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.key: Word | None = None
        self.start = self.end = -1
        self.parts: list[str] = []
        self.blank = ""
        self.read()

    def read(self) -> None:
        text, quote = self.source.text, None
        tokens, recovering = _tokens(text)
        for token in tokens:
            kind = token.kind
            raw = text[token.start : token.end]
            if kind == "newline" or kind == "inner" and recovering:
                if quote is not None:
                    self.unclosed(quote, token.start)
                    quote = None
                self.end_statement()
            elif kind == "key":
                self.key = Word(self.source, token.start, token.end)
            elif kind == "equals":
                self.start = self.end = token.end
            elif kind == "other":
                self.statements.append(Statement([Word(self.source, token.start, token.end)]))
            elif kind in ("double", "single"):
                quote = token
                self.add(token, "")
            elif kind == "end":
                quote = None
                self.add(token, "")
            elif kind == "word":
                self.add(token, unescaped(r"\\(.)", raw))
            elif kind == "part":
                double = quote is not None and quote.kind == "double"
                self.add(token, unescaped(r'\\(["\\`$])', raw) if double else raw)
            elif kind == "inner":
                self.add(token, "\n")
            elif kind == "blank":
                self.blank = raw if self.parts else ""
            elif kind == "error":
                self.problem(token.start, token.end, "expected a character after \\")
        if quote is not None:
            self.unclosed(quote, len(text))
        self.end_statement()

    def add(self, token: Token, text: str) -> None:
        if not self.parts:
            self.start = token.start
        self.parts += (self.blank, text)
        self.blank = ""
        self.end = token.end

    def end_statement(self) -> None:
        if self.key is not None:
            value = Word(self.source, self.start, self.end, "".join(self.parts))
            self.statements.append(Statement([self.key, value]))
        self.key, self.start, self.end, self.parts, self.blank = None, -1, -1, [], ""

    def unclosed(self, quote: Token, end: int) -> None:
        self.problem(quote.start, end, f"expected a closing {self.source.text[quote.start]}")

    def problem(self, start: int, end: int, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, start, end, message))
