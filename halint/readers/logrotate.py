"""Reads logrotate.conf and the files of logrotate.d.

An entry is a statement with a body, its words the log files; an option is a statement `keyword arguments...`; a
script is a statement of its keyword and one word, which holds the whole text up to its endscript.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint import modes
from halint.lexer import compiled
from halint.patterns import logrotate as patterns
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

_LEXERS = {
    "file": patterns.FILE_TOKENS,
    "option": patterns.OPTION_TOKENS,
    "arguments": patterns.ARGUMENTS_TOKENS,
    "head": patterns.HEAD_TOKENS,
    "headline": patterns.HEADLINE_TOKENS,
    "script": patterns.SCRIPT_TOKENS,
    "body": patterns.BODY_TOKENS,
    "recovering": patterns.RECOVERING_TOKENS,
}
_SWITCHES = {
    ("file", "script"): "script",
    ("file", "keyword"): "option",
    ("file", "string"): "head",
    ("file", "word"): "head",
    ("option", "equals"): "arguments",
    ("option", "argument"): "arguments",
    ("head", "newline"): "headline",
    ("head", "return"): "headline",
    ("head", "open"): "file",
    ("head", "close"): "file",
    ("headline", "string"): "head",
    ("headline", "word"): "head",
    ("headline", "error"): "head",
    ("headline", "open"): "file",
    ("headline", "close"): "file",
    ("body", "endscript"): "file",
} | {
    (mode, ending): following
    for mode, following in (("option", "file"), ("arguments", "file"), ("script", "body"))
    for ending in ("newline", "return")
}
#: Where a script has no endscript, a `}` at the start of a line ends scripts, so that the rest is still read.
_RECOVERING = {
    **_SWITCHES,
    ("script", "newline"): "recovering",
    ("script", "return"): "recovering",
    ("recovering", "endscript"): "file",
    ("recovering", "close"): "file",
}


def tokens(text: str) -> Iterator[Token]:
    return iter(_tokens(text))


def read(source: Source) -> Tree:
    """The tree of `source`."""
    reading = _Reading(source)
    return Tree(source, reading.top, reading.problems, tokens)


def _tokens(text: str) -> list[Token]:
    found = list(modes.scan(_LEXERS, _SWITCHES, text))
    last = next((t.kind for t in reversed(found) if t.kind in ("script", "endscript")), "endscript")
    return found if last == "endscript" else list(modes.scan(_LEXERS, _RECOVERING, text))


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.top: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.entry: Statement | None = None
        self.script: Token | None = None
        self.head: list[Word] = []
        self.words: list[Word] = []
        self.read()

    def read(self) -> None:
        source, crlf = self.source, False
        for token in _tokens(source.text):
            kind = token.kind
            if kind == "return" and not crlf:
                crlf = True
                self.problem(token, "expected a line ending without carriage return")
            if kind in ("newline", "return"):
                self.end_option()
            elif kind == "keyword":
                self.words = [Word(source, token.start, token.end)]
            elif kind == "argument":
                if token.start == self.words[-1].end:
                    self.problem(token, "expected a blank after the keyword")
                self.words.append(Word(source, token.start, token.end))
            elif kind == "string":
                self.add_pattern(token, source.text[token.start + 1 : token.end - 1])
            elif kind == "word":
                self.add_pattern(token, source.text[token.start : token.end])
            elif kind == "open":
                self.open(token)
            elif kind == "close":
                self.close(token)
            elif kind == "script":
                self.script = token
            elif kind == "endscript":
                self.end_script(token.start, token.end)
            elif kind == "error":
                self.problem(token, "expected a keyword or a log file")
        self.end_option()
        if self.script is not None:
            self.unclosed_script(len(source.text))
        self.end_head()
        if self.entry is not None:
            self.entry.body_end = self.entry.end = len(source.text)
            self.entry.closed = False

    def add_pattern(self, token: Token, text: str) -> None:
        if self.entry is not None:
            self.problem(token, "expected } before this log file")
            self.end_entry(token.start, token.start, closed=False)
        self.head.append(Word(self.source, token.start, token.end, compiled(r"\\(.)").sub(r"\1", text)))

    def open(self, token: Token) -> None:
        if not self.head:
            self.problem(token, "expected a log file before {")
            return
        self.entry = Statement(self.head)
        self.entry.body, self.entry.body_start = [], token.end
        self.top.append(self.entry)
        self.head = []

    def close(self, token: Token) -> None:
        if self.script is not None:
            self.unclosed_script(token.start)
        if self.head:
            self.end_head()
            return
        if self.entry is None:
            self.problem(token, "expected no }: there is no open entry")
            return
        self.end_entry(token.start, token.end)

    def end_entry(self, body_end: int, end: int, *, closed: bool = True) -> None:
        if self.entry is not None:
            self.entry.body_end, self.entry.end, self.entry.closed = body_end, end, closed
        self.entry = None

    def end_head(self) -> None:
        """What was read of a head has no body."""
        if self.head:
            word = self.head[-1]
            self.problems.append(SyntaxProblem(self.source, word.start, word.end, "expected { after the log files"))
        self.head = []

    def end_option(self) -> None:
        words, self.words = self.words, []
        if not words:
            return
        last = words[-1]
        closing = self.entry is not None and len(words) > 1 and last.text == "}"
        if closing:
            words.pop()
        self.add(Statement(words, self.entry))
        if closing:
            self.problem(last, "expected } on a line of its own")
            self.end_entry(last.start, last.end)

    def unclosed_script(self, end: int) -> None:
        script = self.script
        if script is not None:
            self.problem(script, f"expected endscript for this {self.source.text[script.start : script.end]}")
            self.end_script(end, end)

    def end_script(self, body_end: int, end: int) -> None:
        script, self.script = self.script, None
        if script is None:
            return
        keyword = Word(self.source, script.start, script.end)
        statement = Statement([keyword, Word(self.source, script.end, body_end)], self.entry)
        statement.end = end
        self.add(statement)

    def add(self, statement: Statement) -> None:
        body = self.top if self.entry is None or self.entry.body is None else self.entry.body
        body.append(statement)

    def problem(self, at: Token | Word, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, at.start, at.end, message))
