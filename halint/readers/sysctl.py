"""Reads sysctl.conf and the files of sysctl.d: a statement `key value` a line, the value empty where `key =` has
none; an exclusion (`-key` without `=`) is a statement of one word."""

from __future__ import annotations

from collections.abc import Iterator

from halint.patterns import sysctl as patterns
from halint.readers import modes
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

_LEXERS = {"file": patterns.FILE_TOKENS, "value": patterns.VALUE_TOKENS}
_SWITCHES = {("file", "equals"): "value", ("value", "newline"): "file"}


def tokens(text: str) -> Iterator[Token]:
    return modes.scan(_LEXERS, _SWITCHES, text)


def read(source: Source) -> Tree:
    """The tree of `source`. A line that assigns nothing is a problem, and read over as the daemons do."""
    statements: list[Statement] = []
    problems: list[SyntaxProblem] = []
    key: Token | None = None
    equals: Token | None = None
    value: Token | None = None

    def end_line() -> None:
        if key is not None and (equals is not None or source.text[key.start] == "-"):
            words = [Word(source, key.start, key.end)]
            if equals is not None:
                at = (equals.end, equals.end) if value is None else (value.start, value.end)
                words.append(Word(source, *at))
            statements.append(Statement(words))
        elif key is not None:
            problems.append(SyntaxProblem(source, key.start, key.end, "expected KEY = VALUE"))
        elif equals is not None:
            problems.append(SyntaxProblem(source, equals.start, equals.end, "expected a key before ="))

    for token in tokens(source.text):
        if token.kind == "newline":
            end_line()
            key = equals = value = None
        elif token.kind == "key":
            key = token
        elif token.kind == "equals":
            equals = token
        elif token.kind == "value":
            value = token
    end_line()
    return Tree(source, statements, problems, tokens)
