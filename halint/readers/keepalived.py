"""Reads keepalived.conf: an explicit stack of blocks over the compiled terminals of grammars/keepalived.py."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from halint.lexer import compiled, scan
from halint.patterns import keepalived as patterns
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

#: Keywords that only ever stand outside every block (keepalived v2.2.7, *_parser.c).
_TOP_LEVEL = frozenset(
    {
        "global_defs", "vrrp_instance", "vrrp_script", "vrrp_sync_group", "vrrp_track_process",
        "virtual_server", "virtual_server_group", "static_ipaddress", "static_routes", "static_rules",
        "bfd_instance", "linkbeat_interfaces", "garp_group",
    }
)  # fmt: skip

tokens = partial(scan, patterns.FILE_TOKENS)


def read(source: Source) -> Tree:
    """The tree of `source`. Where a `}` is missing, a keyword that only stands outside closes every block."""
    reading = _Reading(source, frozenset())
    if reading.unclosed:
        reading = _Reading(source, _TOP_LEVEL)
    return Tree(source, reading.top, reading.problems, tokens)


class _Reading:
    def __init__(self, source: Source, closing: frozenset[str]) -> None:
        self.source = source
        self.closing = closing
        self.top: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.unclosed = False
        self.blocks: list[Statement] = []
        self.words: list[Word] = []
        self.read(scan(patterns.FILE_TOKENS, source.text))

    def read(self, stream: Iterator[Token]) -> None:
        source, text, head = self.source, self.source.text, None
        defining = False
        for token in stream:
            kind = token.kind
            if kind == "blank" or kind == "comment" or kind == "continuation":
                continue
            if kind == "newline":
                head = self.end_statement() or head
                defining = False
            elif kind == "define" and not self.words or defining:
                defining = True
                self.words.append(Word(source, token.start, token.end))
            elif kind == "word" or kind == "define":
                self.words.append(_word(source, token, text))
            elif kind == "string":
                self.words.append(
                    Word(source, token.start, token.end, _unescape(text[token.start + 1 : token.end - 1]))
                )
            elif kind == "open":
                head = self.end_statement() or head
                if head is None:
                    self.problem(token, "expected a keyword before {")
                    continue
                head.body, head.body_start = [], token.end
                self.blocks.append(head)
                head = None
                continue
            elif kind == "close":
                self.end_statement()
                head = None
                self.close(token)
            elif kind == "unclosed":
                self.problem(token, 'expected a closing " on this line')
                self.words.append(Word(source, token.start, token.end, text[token.start + 1 : token.end]))
            else:
                self.problem(token, "expected a character after \\")
            if self.words:
                head = None
        self.end_statement()
        self.unclosed = bool(self.blocks)
        for block in self.blocks:
            block.closed, block.end = False, len(text)
            block.body_end = len(text)
            word = block.words[0]
            self.problems.append(SyntaxProblem(source, word.start, word.end, f"expected }} for this {block.keyword}"))

    def end_statement(self) -> Statement | None:
        """Put the words read so far into the open block, as a statement."""
        if not self.words:
            return None
        if self.blocks and self.words[0].text in self.closing:
            self.close_missing(self.words[0])
        parent = self.blocks[-1] if self.blocks else None
        statement = Statement(self.words, parent)
        (self.top if parent is None or parent.body is None else parent.body).append(statement)
        self.words = []
        return statement

    def close(self, token: Token) -> None:
        if not self.blocks:
            self.problem(token, "expected no }: there is no open block")
            return
        block = self.blocks.pop()
        block.body_end, block.end = token.start, token.end

    def close_missing(self, before: Word) -> None:
        """Close every open block before a keyword that cannot stand in one."""
        for block in self.blocks:
            block.closed, block.body_end, block.end = False, before.start, before.start
            word = block.words[0]
            self.problems.append(
                SyntaxProblem(self.source, word.start, word.end, f"expected }} for this {block.keyword}")
            )
        self.blocks = []

    def problem(self, token: Token, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, token.start, token.end, message))


def _word(source: Source, token: Token, text: str) -> Word:
    raw = text[token.start : token.end]
    if "\\" not in raw:
        return Word(source, token.start, token.end, raw)
    return Word(source, token.start, token.end, compiled(r"\\([#!])").sub(r"\1", raw))


def _unescape(text: str) -> str:
    """What a quoted string stands for: keepalived drops the backslash before a quote, a backslash, # and !."""
    return compiled(r'\\(["\\#!])').sub(r"\1", text) if "\\" in text else text
