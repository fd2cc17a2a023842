"""Reads keepalived.conf: an explicit stack of blocks over the compiled terminals of grammars/keepalived.py.

Plain lines, nearly all, take one match each, and their words are split when they are first asked for. Large files
repeat themselves, lines as well as whole blocks: what stood there before in the same words is not read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern

from halint.light import cache, partial
from halint.patterns import keepalived as patterns
from halint.readers.lexer import compiled, scan, unescaped
from halint.source import Source
from halint.tree import Line, Statement, SyntaxProblem, Token, Tree, Word

#: Keywords that only ever stand outside every block (keepalived v2.2.7, *_parser.c).
_TOP_LEVEL = frozenset(
    {
        "global_defs", "vrrp_instance", "vrrp_script", "vrrp_sync_group", "vrrp_track_process",
        "virtual_server", "virtual_server_group", "static_ipaddress", "static_routes", "static_rules",
        "bfd_instance", "linkbeat_interfaces", "garp_group",
    }
)  # fmt: skip

_KEYWORD, _REST, _OPEN, _CLOSE, _OTHER = 1, 2, 3, 4, 5  # the groups of patterns.LINE

#: Characters of the longest line, and of the longest body of a block, that are worth remembering.
_REPEATING, _REPEATING_BODY = 200, 1000

tokens = partial(scan, patterns.FILE_TOKENS)


def read(source: Source) -> Tree:
    """The tree of `source`. Where a `}` is missing, a keyword that only stands outside closes every block, and a block
    ends one whose lines are values."""
    reading = _Reading(source, frozenset())
    if reading.unclosed:
        reading = _Reading(source, _TOP_LEVEL)
    return Tree(source, reading.top, reading.problems, tokens)


class Block(Line):
    """A block with a plain head. Its body is read when it is first asked for, if it is one that was read before."""

    __slots__ = ("_body", "_by_keyword", "_reading", "body_end", "body_start", "closed", "repeatable", "words_end")

    words_end: int

    def __init__(
        self, reading: _Reading, keyword: str, start: int, words_end: int, body_start: int, parent: Statement | None
    ) -> None:
        super().__init__(reading.source, keyword, start, words_end, parent)
        self._body: list[Statement] | None = None
        self._by_keyword: dict[str, list[Statement]] | None = None
        self._reading = reading
        self.words_end = words_end
        self.body_start, self.body_end = body_start, -1
        self.closed = True
        self.repeatable = False

    @property
    def body(self) -> list[Statement]:
        if self._body is None:
            self._body = []
            self._reading.fill(self)
        return self._body

    @body.setter
    def body(self, body: list[Statement]) -> None:
        self._body = body

    def statements(self, *keywords: str) -> Iterator[Statement]:
        if len(keywords) != 1:
            return super().statements(*keywords)
        if self._by_keyword is None:  # whoever asks for one goes on to ask for others
            self._by_keyword = {}
            for statement in self.body:
                self._by_keyword.setdefault(statement.keyword, []).append(statement)
        return iter(self._by_keyword.get(keywords[0], ()))

    @property
    def plain(self) -> str:
        return self.source.text[self.start : self.body_start]

    @property
    def plain_body(self) -> str | None:
        return self.source.text[self.body_start : self.body_end] if self.repeatable else None


#: What a line is: a group of patterns.LINE, None for one without words; its keyword, where it begins and ends, and
#: where the body begins that it opens.
_Shape = tuple[int | None, str, int, int, int]


def _shape(text: str, at: int, closing: frozenset[str]) -> _Shape:
    """The shape of the line at `at`, counted from there. What begins with a keyword of `closing` is no plain line."""
    match = compiled(patterns.LINE).match(text, at)
    kind = None if match is None else match.lastindex
    if match is None or kind is None or kind == _OTHER:
        return kind, "", 0, 0, 0
    if match[_KEYWORD] in closing:
        return _OTHER, "", 0, 0, 0
    if kind == _CLOSE:
        return kind, "", match.start(_CLOSE) - at, match.end(_CLOSE) - at, 0
    start = match.start(_KEYWORD)
    end = start + len(text[start : match.end(_REST)].rstrip(" \t"))
    return kind, intern(match[_KEYWORD]), start - at, end - at, match.end(_OPEN) - at


class _Reading:
    def __init__(self, source: Source, closing: frozenset[str]) -> None:
        self.source = source
        self.closing = closing
        self.top: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.blocks: list[Statement] = []
        self.words: list[Word] = []
        self.closed: int | None = None  # where the last block ended
        self.last = len(source.text.rstrip(" \t\r\n"))
        self.head: Statement | None = None  # a statement that a { on a later line may make a block
        self.shapes: dict[str, _Shape] = {}
        self.bodies: dict[str, tuple[int, int, int]] = {}
        self.read(0, len(source.text))
        self.unclosed = bool(self.blocks)
        for block in self.blocks:
            self.missing(block, len(source.text))

    def read(self, at: int, end: int) -> None:
        """Read the lines of [at, end) into the open block."""
        source, text, shapes = self.source, self.source.text, self.shapes
        parent, body = self.parent, self.body
        while at < end:  # this loop is the run time of a large file
            start, at = at, text.find("\n", at) + 1 or end
            line = text[start:at] if at - start < _REPEATING else ""
            shape = shapes.get(line)
            if shape is None:
                shape = _shape(text, start, self.closing)
                if line:
                    shapes[line] = shape
            kind, keyword, first, last, opened = shape
            if kind is None:
                continue
            if kind == _REST:
                self.head = Line(source, keyword, start + first, start + last, parent)
                body.append(self.head)
                continue
            if kind == _OPEN:
                self.head = None
                if self.closing:
                    self.leave_values(start + first)
                    parent, body = self.parent, self.body
                block = Block(self, keyword, start + first, start + last, start + opened, parent)
                body.append(block)
                length = self.again(block, at)
                if length:
                    at += length
                    continue
                block.body = []
                self.blocks.append(block)
            elif kind == _CLOSE:
                self.head = None
                self.close(start + first, start + last)
                if isinstance(parent, Block):
                    self.remember(parent, at)
            else:
                at = self.logical_end(start, at)
                self.tokens(start, at)
            parent, body = self.parent, self.body

    def again(self, block: Block, at: int) -> int:
        """Close `block` where the lines from `at` are those of a block before; how long they are, or 0."""
        text = self.source.text
        found = self.bodies.get(text[at : text.find("\n", at, at + _REPEATING) + 1])
        if found is None or not text.startswith(text[found[0] : found[2]], at):
            return 0
        start, brace, end = found
        block.body_end, block.end = at + brace - start, at + brace - start + 1
        block.repeatable = True
        self.closed = block.body_end
        return end - start

    def remember(self, block: Block, end: int) -> None:
        """Note the lines of `block`. end: of the last one, which begins with its brace."""
        if block.body_end - block.body_start > _REPEATING_BODY:
            return
        if self.problems and self.problems[-1].start >= block.start:
            return  # it is to be found in each of them
        block.repeatable = True
        text = self.source.text
        start = text.index("\n", block.body_start) + 1
        self.bodies[text[start : text.find("\n", start, start + _REPEATING) + 1]] = start, block.body_end, end

    def fill(self, block: Block) -> None:
        """Read the body of `block`, all of whose lines are known."""
        self.blocks, self.head = [block], None
        self.read(block.body_start, self.source.text.rindex("\n", 0, block.body_end) + 1)
        self.blocks = []

    @property
    def parent(self) -> Statement | None:
        """The open block."""
        return self.blocks[-1] if self.blocks else None

    @property
    def body(self) -> list[Statement]:
        """Where the next statement belongs."""
        body = self.blocks[-1].body if self.blocks else None
        return self.top if body is None else body

    def logical_end(self, start: int, end: int) -> int:
        """Where the line [start, end) ends with those that go on with it."""
        text = self.source.text
        while text[end - 1] == "\n":
            line = text[start:end].rstrip("\n").removesuffix("\r")
            if (len(line) - len(line.rstrip("\\"))) % 2 == 0:
                break
            start, end = end, text.find("\n", end) + 1 or len(text)
            if start == end:
                break
        return end

    def tokens(self, start: int, end: int) -> None:
        """Read what is no plain line."""
        source, text, head = self.source, self.source.text, self.head
        defining = False
        for token in scan(patterns.FILE_TOKENS, text, start, end):
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
                self.head = self.end_statement() or head
                if self.head is None:
                    self.problem(token.start, token.end, "expected a keyword before {")
                    continue
                self.open(token.end)
                head = None
                continue
            elif kind == "close":
                self.end_statement()
                head = None
                self.close(token.start, token.end)
            elif kind == "unclosed":
                self.problem(token.start, token.end, 'expected a closing " on this line')
                self.words.append(Word(source, token.start, token.end, text[token.start + 1 : token.end]))
            else:
                self.problem(token.start, token.end, "expected a character after \\")
            if self.words:
                head = None
        self.head = self.end_statement() or head

    def end_statement(self) -> Statement | None:
        """Put the words read so far into the open block, as a statement."""
        if not self.words:
            return None
        if self.blocks and self.words[0].text in self.closing:
            for block in self.blocks:
                self.missing(block, self.words[0].start)
            self.blocks = []
        statement = Statement(self.words, self.parent)
        self.body.append(statement)
        self.words = []
        return statement

    def open(self, body_start: int) -> None:
        """Make the last statement a block."""
        body = self.body
        block = body[-1]
        if isinstance(block, Line):
            block = body[-1] = Statement(block.words, block.parent)
        if self.closing:
            del body[-1]
            self.leave_values(block.start)
            block.parent = self.parent
            self.body.append(block)
        block.body, block.body_start = [], body_start
        self.blocks.append(block)
        self.head = None

    def leave_values(self, end: int) -> None:
        """End the open block, if its lines are values, where a block begins: its own brace must be missing."""
        if self.blocks and self.blocks[-1].keyword in _of_values():
            self.missing(self.blocks.pop(), end)

    def close(self, start: int, end: int) -> None:
        if not self.blocks:
            self.problem(start, end, "expected no }: there is no open block", closed=self.closed)
            return
        block = self.blocks.pop()
        self.closed = start
        block.body_end, block.end = start, end

    def missing(self, block: Statement, end: int) -> None:
        """End `block` without its closing brace."""
        block.closed, block.body_end, block.end = False, end, end
        word = block.words[0]
        self.problem(word.start, word.end, f"expected }} for this {block.keyword}", reach=self.last, before=end)

    def problem(
        self,
        start: int,
        end: int,
        message: str,
        *,
        reach: int = 0,
        closed: int | None = None,
        before: int | None = None,
    ) -> None:
        self.problems.append(SyntaxProblem(self.source, start, end, message, reach=reach, closed=closed, before=before))


@cache
def _of_values() -> frozenset[str]:
    """The keywords of the blocks whose lines are values: no block stands in any of them."""
    from halint.patterns.keepalived_table import BLOCKS

    forms: dict[str, set[str | None]] = {}
    for rows in BLOCKS.values():
        for name, row in rows.items():
            forms.setdefault(name, set()).add(row[0])
    return frozenset(name for name, found in forms.items() if found == {"values"})


def _word(source: Source, token: Token, text: str) -> Word:
    raw = text[token.start : token.end]
    if "\\" not in raw:
        return Word(source, token.start, token.end, raw)
    return Word(source, token.start, token.end, unescaped(r"\\([#!])", raw))


def _unescape(text: str) -> str:
    """What a quoted string stands for: keepalived drops the backslash before a quote, a backslash, # and !."""
    return unescaped(r'\\(["\\#!])', text) if "\\" in text else text
