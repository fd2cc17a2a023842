"""Reads logrotate.conf and the files of logrotate.d.

An entry is a statement with a body, its words the log files; an option is a statement `keyword arguments...`; a
script is a statement of its keyword and one word, which holds the whole text up to its endscript; where that is
missing, the statement is not closed. A problem is what makes logrotate 3.21 print an error and skip the entry or the
rest of the file, a missing value apart: there it ignores the keyword.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint.patterns import logrotate as patterns
from halint.patterns.logrotate_table import EQUALS, GLOBAL, OPTIONAL, TAKES, VALUES
from halint.readers import modes
from halint.readers.lexer import compiled
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
    ("file", "word"): "head",
    ("option", "equals"): "arguments",
    ("option", "argument"): "arguments",
    ("head", "newline"): "headline",
    ("head", "return"): "headline",
    ("head", "open"): "file",
    ("head", "close"): "file",
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
#: What parts a keyword from what follows it.
_SEPARATORS = frozenset({"", " ", "\t", "\r", "\n"})
#: Behind these a carriage return ends a value, or is one more blank.
_BEFORE_RETURN = frozenset({"keyword", "flag", "argument", "equals", "comment"})
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
    found = list(modes.scan(_LEXERS, _SWITCHES, text, refined=_kind))
    last = next((at for at in range(len(found) - 1, -1, -1) if found[at].kind in ("script", "endscript")), None)
    if last is None or found[last].kind == "endscript":
        return found
    return found[:last] + list(modes.scan(_LEXERS, _RECOVERING, text, start=found[last].start, refined=_kind))


def _kind(text: str, token: Token) -> str:
    """The kind of `token`: "flag" for a keyword that takes no value."""
    if token.kind == "keyword" and TAKES.get(text[token.start : token.end]) == "":
        return "flag" if text[token.end : token.end + 1] in _SEPARATORS else "keyword"
    return token.kind


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
        source, crlf, last = self.source, False, "newline"
        for token in _tokens(source.text):
            kind = token.kind
            if kind == "return" and not crlf and last not in _BEFORE_RETURN:
                crlf = True
                self.problem(token, "expected a line ending without carriage return")
            if kind in ("newline", "return"):
                self.end_option()
            elif kind == "keyword":
                self.words = [Word(source, token.start, token.end)]
            elif kind == "flag":
                self.add(Statement([Word(source, token.start, token.end)], self.entry))
                if token.end == len(source.text):
                    self.problem(token, "expected a line ending after this keyword")
            elif kind == "argument":
                if token.start == self.words[0].end:
                    self.problem(token, "expected a blank after the keyword")
                self.words.append(Word(source, token.start, token.end))
            elif kind == "equals" and TAKES.get(self.words[0].text) in EQUALS:
                self.words.append(Word(source, token.start, token.end))
            elif kind == "word":
                self.add_pattern(token)
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
            last = kind
        self.end_option()
        if self.script is not None:
            self.end_script(len(source.text), len(source.text), closed=False)
        self.end_head()
        if self.entry is not None:
            self.entry.body_end = self.entry.end = len(source.text)
            self.entry.closed = False

    def add_pattern(self, token: Token) -> None:
        if self.entry is not None:
            self.problem(token, "expected } before this log file")
            self.end_entry(token.start, token.start, closed=False)
        self.head.append(
            Word(self.source, token.start, token.end, _unquoted(self.source.text[token.start : token.end]))
        )

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
            self.end_script(token.start, token.start, closed=False)
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
        keyword, last = words[0], words[-1]
        closing = self.entry is not None and keyword.text in TAKES and len(words) > 1 and last.text == "}"
        if closing:
            words.pop()
        self.add(Statement(words, self.entry))
        if closing:
            self.problem(last, "expected } on a line of its own")
            self.end_entry(last.start, last.end)
        elif keyword.text in TAKES and (len(words) == 1 or words[1].start > keyword.end or words[1].text == "="):
            self.check_value(keyword, words)

    def check_value(self, keyword: Word, words: list[Word]) -> None:
        """Say where `keyword` may not stand here, or does not take the value of `words`."""
        kind = TAKES[keyword.text]
        if self.entry is not None and keyword.text in GLOBAL:
            self.problem(keyword, f"expected {keyword.text} outside of an entry")
        elif len(words) == 1:
            if kind and keyword.text not in OPTIONAL:
                self.problem(keyword, f"expected {VALUES[kind][1]} after {keyword.text}")
        elif not kind:
            self.problem(words[1], f"expected no value after {keyword.text}")
        else:
            value = Word(self.source, words[1].start, words[-1].end)
            form, expected = VALUES[kind]
            if compiled(form).fullmatch(value.text) is None:
                self.problem(value, f"expected {expected} after {keyword.text}")

    def end_script(self, body_end: int, end: int, *, closed: bool = True) -> None:
        script, self.script = self.script, None
        if script is None:
            return
        keyword = Word(self.source, script.start, script.end)
        statement = Statement([keyword, Word(self.source, script.end, body_end)], self.entry)
        statement.end = end
        statement.closed = closed
        self.add(statement)

    def add(self, statement: Statement) -> None:
        body = self.top if self.entry is None or self.entry.body is None else self.entry.body
        body.append(statement)

    def problem(self, at: Token | Word, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, at.start, at.end, message))


def _unquoted(text: str) -> str:
    """What popt makes of a word: quotes go; a backslash goes outside of them, and within before the same quote."""
    if not compiled(r"[\"'\\]").search(text):
        return text
    pieces = compiled(r"""\\(.)|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^"'\\]+)""").findall(text)
    return "".join(
        escaped + double.replace('\\"', '"') + single.replace("\\'", "'") + plain
        for escaped, double, single, plain in pieces
    )
