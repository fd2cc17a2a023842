"""What a grammar is, and the words it is written in. Imports pyparsing: never on the check path.

A grammar is written once, with pyparsing. Its terminals and its values are compiled to regular expressions
(halint/compiler.py), over which a reader of halint/readers/ builds the tree; the whole of it is the oracle
that the tests hold against that reader.
"""

from __future__ import annotations

import pyparsing as pp

from halint.tree import Token

pp.ParserElement.set_default_whitespace_chars(" \t")


class Grammar:
    """How one format is written.

    lexers: per lexer, its terminals by kind, in the order in which they are tried. Each lexer is total: some
        terminal matches at every offset, so that no byte is outside a token.
    values: patterns of single values, with results names for their parts.
    file: the whole format; the tokens of what it parses are the file, character for character. None where the
        grammar is of values only: their file is read by another grammar.
    """

    def __init__(
        self,
        name: str,
        lexers: dict[str, dict[str, pp.ParserElement]] | None = None,
        file: pp.ParserElement | None = None,
        values: dict[str, pp.ParserElement] | None = None,
    ) -> None:
        self.name = name
        self.lexers = lexers or {}
        self.file = file
        self.values = values or {}

    def parse(self, text: str) -> list[Token | Branch]:
        """Parse the whole of `text`; raises pp.ParseBaseException where the format does not allow it."""
        if self.file is None:
            raise TypeError(f"the grammar {self.name} is of values only")
        # pyparsing turns tabs into blanks before it parses, unless told not to.
        return list(self.file.parse_with_tabs().parse_string(text, parse_all=True))


class Branch:
    """A nonterminal of the oracle's tree."""

    def __init__(self, kind: str, children: list[Token | Branch]) -> None:
        self.kind = kind
        self.children = children

    def __repr__(self) -> str:
        return f"{self.kind}{self.children!r}"


def terminal(kind: str, pattern: str) -> pp.ParserElement:
    """A terminal: the regular expression `pattern` as one Token; blanks before it are not skipped.

    `re` keeps some 200 bytes of each round of a repeated group until that ends: in `pattern`, a run of characters
    that mean nothing is one round, or a line of 50 MB takes 10 GB.
    """

    def build(_text: str, start: int, found: pp.ParseResults) -> Token:
        return Token(kind, start, start + len(found[0]))

    return pp.Regex(pattern).leave_whitespace().set_name(kind).add_parse_action(build)


def branch(kind: str, expr: pp.ParserElement) -> pp.ParserElement:
    """A nonterminal: everything that `expr` matched, as the children of one Branch."""

    def build(found: pp.ParseResults) -> Branch:
        return Branch(kind, list(found))

    return expr.copy().leave_whitespace().set_name(kind).add_parse_action(build)


def forward() -> pp.Forward:
    """A nonterminal that is defined later; a bare Forward would skip blanks."""
    later = pp.Forward()
    later.leave_whitespace()
    return later


def lexer(*terminals: pp.ParserElement) -> dict[str, pp.ParserElement]:
    """The terminals of a lexer by their kinds, in the order in which they are tried."""
    return {t.name: t for t in terminals}
