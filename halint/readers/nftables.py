"""Reads nft scripts: an explicit stack of blocks over the compiled terminals of grammars/nftables.py.

A set is part of its statement: its braces, commas and elements are words of the statement, in order.
"""

from __future__ import annotations

from halint.light import partial
from halint.patterns import nftables as patterns
from halint.readers.lexer import compiled, scan
from halint.source import Source
from halint.tree import Line, Statement, SyntaxProblem, Token, Tree, Word

#: What `{` opens a block behind, outside of a table; `add` and `create` may stand before it.
_BLOCKS = frozenset(
    {"table", "chain", "set", "map", "flowtable", "counter", "quota", "limit", "secmark", "synproxy", "ct"}
)
#: Words that start a line only outside of a set: on one of these an unclosed set ends.
_NEVER_IN_SET = frozenset({"table", "chain", "define", "include", "flush"})

#: A line of a chain that is one rule without quotes, sets, commas and comments, and opens no block.
_PLAIN = r"""[ \t]*+((?!(?:chain|add|create)[ \t])([a-z]\w*+)(?>(?:[ \t]+[^ \t\r\n{};,"#=!<>\\]+)*))[ \t]*+\n"""

#: An element of a set that is one word, and the comma behind it.
_ELEMENT = r"[ \t\r\n]*+([0-9A-Za-z][\w./:-]*+)[ \t]*+(,)"

tokens = partial(scan, patterns.FILE_TOKENS)


def read(source: Source) -> Tree:
    """The tree of `source`."""
    reading = _Reading(source)
    return Tree(source, reading.top, reading.problems, tokens)


def defines(words: list[Word]) -> str:
    """What a statement is about: its first word, or the second behind `add` or `create`."""
    return words[words[0].text in ("add", "create") and len(words) > 1].text


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.top: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.blocks: list[Statement] = []
        self.words: list[Word] = []
        self.sets: list[Word] = []  # the open braces of sets
        self.head: Statement | None = None  # a statement that a { on a later line may make a block
        self.closed = False  # a block has just ended: a newline or ; has to follow
        self.chain: Statement | None = None  # the innermost block, where it is a chain
        self.read()

    def read(self) -> None:
        text, at = self.source.text, 0
        token_at, rule_at = compiled(patterns.FILE_TOKENS).match, compiled(_PLAIN).match
        line_start = True
        while at < len(text):
            if line_start and self.chain is not None and not self.sets:
                rule = rule_at(text, at)
                if rule is not None:
                    self.rule(rule[2], *rule.span(1))
                    at = rule.end()
                    continue
            if self.sets and not line_start:
                after = self.elements(at)
                if after > at:
                    at = after
                    continue
            match = token_at(text, at)
            assert match is not None, "the lexer is total"
            token = Token(match.lastgroup or "", at, match.end())
            kind, at = token.kind, token.end
            if kind == "blank" or kind == "comment" or kind == "continuation":
                continue
            if kind == "newline":
                line_start = True
                self.closed = False
                self.end_statement()
                continue
            if self.closed and kind != "semicolon":
                self.problem(token, "expected a newline or ; behind the } before this")
            self.closed = False
            if kind == "semicolon":
                self.end_statement()
                self.head = None
            elif kind == "open":
                self.open(token)
            elif kind == "close":
                self.close(token)
            elif kind == "error":
                self.problem(token, "expected a newline behind \\")
            else:
                word = self.word(token)
                if line_start and self.sets and word.text in _NEVER_IN_SET:
                    self.end_sets()
                self.words.append(word)
            line_start = False
        self.end_sets()
        self.end_statement()
        for block in self.blocks:
            block.closed, block.body_end, block.end = False, len(self.source.text), len(self.source.text)
            head = block.words[0]
            self.problems.append(SyntaxProblem(self.source, head.start, head.end, f"expected }} for this {head.text}"))

    def rule(self, keyword: str, start: int, end: int) -> None:
        """A plain rule of the chain that is open."""
        if self.chain is not None and self.chain.body is not None:
            self.chain.body.append(Line(self.source, keyword, start, end, self.chain))
            self.head = None

    def elements(self, at: int) -> int:
        """Read elements of a set that stand one after the other; returns where the last of them ends."""
        source, words = self.source, self.words
        element_at = compiled(_ELEMENT).match
        while match := element_at(source.text, at):
            text = match[1]
            if text in _NEVER_IN_SET:
                break
            at = match.end()
            start, end = match.span(1)
            words.append(Word(source, start, end, text))
            words.append(Word(source, at - 1, at, ","))
        return at

    def word(self, token: Token) -> Word:
        start, end = token.start, token.end
        if token.kind == "string":
            return Word(self.source, start, end, self.source.text[start + 1 : end - 1])
        if token.kind == "unclosed":
            self.problem(token, 'expected a closing " on this line')
            return Word(self.source, start, end, self.source.text[start + 1 : end])
        return Word(self.source, start, end)

    def open(self, token: Token) -> None:
        if not self.words and self.head is not None:
            self.open_block(self.head, token)
        elif self.sets or not self.opens_block():
            word = self.word(token)
            if not self.words:
                self.problem(token, "expected a keyword before {")
            self.words.append(word)
            self.sets.append(word)
        else:
            self.end_statement()
            if self.head is not None:
                self.open_block(self.head, token)

    def opens_block(self) -> bool:
        """Whether a `{` behind the words read so far opens a block."""
        if not self.words:
            return False
        kind = defines(self.words)
        if self.blocks:
            return defines(self.blocks[-1].words) == "table" or kind == "chain"
        return kind in _BLOCKS

    def open_block(self, head: Statement, token: Token) -> None:
        head.body, head.body_start = [], token.end
        self.blocks.append(head)
        self.head = None
        self.chain = head if defines(head.words) == "chain" else None

    def close(self, token: Token) -> None:
        if self.sets:
            self.sets.pop()
            self.words.append(self.word(token))
            return
        if self.words and self.chain is not None:
            self.problem(token, "expected a newline or ; before this }")
        self.end_statement()
        self.head = None
        if not self.blocks:
            self.problem(token, "expected no }: there is no open block")
            return
        block = self.blocks.pop()
        inner = self.blocks[-1] if self.blocks else None
        self.chain = inner if inner is not None and defines(inner.words) == "chain" else None
        block.body_end, block.end = token.start, token.end
        self.closed = True

    def end_statement(self) -> None:
        """Put the words read so far into the open block, as a statement; inside a set they go on."""
        if self.sets or not self.words:
            return
        parent = self.blocks[-1] if self.blocks else None
        opens = self.opens_block()
        statement = Statement(self.words, parent)
        (self.top if parent is None or parent.body is None else parent.body).append(statement)
        self.words = []
        self.head = statement if opens else None

    def end_sets(self) -> None:
        """Close every set that is still open."""
        if self.sets:
            opened = self.sets[-1]
            self.problems.append(SyntaxProblem(self.source, opened.start, opened.end, "expected } for this set"))
            self.sets = []
            self.end_statement()

    def problem(self, token: Token, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, token.start, token.end, message))
