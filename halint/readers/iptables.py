"""Reads what iptables-save prints, over the compiled terminals of grammars/iptables.py.

A table is a statement `*NAME` with a body, up to its COMMIT; in it `:CHAIN POLICY` and `-A CHAIN ...`.
"""

from __future__ import annotations

from halint.light import partial
from halint.patterns import iptables as patterns
from halint.readers.lexer import compiled, scan, unescaped
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Tree, Word

tokens = partial(scan, patterns.FILE_TOKENS)


def read(source: Source) -> Tree:
    """The tree of `source`."""
    top: list[Statement] = []
    problems: list[SyntaxProblem] = []
    words: list[Word] = []
    table: Statement | None = None

    def problem(start: int, end: int, message: str) -> None:
        problems.append(SyntaxProblem(source, start, end, message))

    def end_statement() -> None:
        if words:
            if table is None:
                problem(words[0].start, words[-1].end, "expected *TABLE before this line")
            statement = Statement(words.copy(), table)
            (top if table is None or table.body is None else table.body).append(statement)
            words.clear()

    def end_table(body_end: int, end: int, *, closed: bool) -> None:
        if table is not None:
            table.body_end, table.end, table.closed = body_end, end, closed
            if not closed:
                problem(table.start, table.words[0].end, "expected COMMIT for this table")

    for token in scan(patterns.FILE_TOKENS, source.text):
        kind = token.kind
        if kind == "newline":
            end_statement()
        elif kind == "table":
            end_table(token.start, token.start, closed=False)
            table = Statement([Word(source, token.start, token.end)])
            table.body, table.body_start = [], token.end
            top.append(table)
        elif kind == "commit":
            if table is None:
                problem(token.start, token.end, "expected *TABLE before COMMIT")
            end_table(token.start, token.end, closed=True)
            table = None
        elif kind == "word":
            words.append(Word(source, token.start, token.end, unquoted(source.text[token.start : token.end])))
        elif kind == "unclosed":
            problem(token.start, token.end, f"expected a closing {source.text[token.start]} on this line")
            words.append(Word(source, token.start, token.end))
    end_statement()
    end_table(len(source.text), len(source.text), closed=False)
    return Tree(source, top, problems, tokens)


def split(source: Source, start: int, end: int) -> list[Word]:
    """The words of [start, end) of `source`, written as in a rule: the arguments of a direct rule of firewalld."""
    return [
        Word(source, match.start(), match.end(), unquoted(match[0]))
        for match in compiled(patterns.FILE_TOKENS).finditer(source.text, start, end)
        if match.lastgroup not in ("blank", "newline")
    ]


def unquoted(text: str) -> str:
    """A word without its quotes; a backslash escapes only between double quotes."""
    if '"' not in text and "'" not in text:
        return text
    pieces = compiled(r""""((?:\\.|[^"\\])*)"|'([^']*)'|([^"']+)""").findall(text)
    return "".join(unescaped(r"\\(.)", double) + single + plain for double, single, plain in pieces)
