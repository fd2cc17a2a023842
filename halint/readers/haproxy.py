"""Reads haproxy.cfg: a section is a statement whose body are the statements up to the next section.

Plain lines, nearly all, take one match each, and their words are split when they are first asked for.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING

from halint.light import partial
from halint.patterns import haproxy as patterns
from halint.readers.lexer import compiled, scan
from halint.source import Source
from halint.tree import Line, Statement, SyntaxProblem, Tree, Word

if TYPE_CHECKING:
    import re

#: The words that open a section in some version from 1.5 to 3.4 (`strings haproxy`, doc/configuration.txt).
SECTIONS = frozenset(
    {
        "global", "defaults", "frontend", "backend", "listen",
        "acme", "cache", "crt-store", "fcgi-app", "healthcheck", "http-errors", "log-forward", "log-profile", "mailers",
        "namespace_list", "peers", "program", "resolvers", "ring", "traces", "userlist",
    }
)  # fmt: skip

_CONDITIONS = frozenset({".if", ".elif", ".else", ".endif"})
_MESSAGES = frozenset({".diag", ".notice", ".warning", ".alert"})
_KEYWORD, _REST, _OTHER = 1, 2, 3  # the groups of patterns.LINE
_CONTROL = {"t": "\t", "n": "\n", "r": "\r"}

tokens = partial(scan, patterns.FILE_TOKENS)


class VariableWord(Word):
    """A word whose text depends on the environment that haproxy is started in; `text` holds the variables as
    they are written."""

    __slots__ = ()


def read(source: Source) -> Tree:
    """The tree of `source`. Statements before any section are the body of a section without a name."""
    reading = _Reading(source)
    reading.read()
    return Tree(source, reading.sections, reading.problems, tokens)


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.sections: list[Statement] = []
        self.body: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.conditions: list[tuple[Statement, bool]] = []  # the open .if lines, and whether .else was there

    def read(self) -> None:
        source, text = self.source, self.source.text
        section: Statement | None = None
        append = self.body.append
        if "\0" in text:
            at = text.index("\0")
            self.problem(at, at + 1, "expected no NUL character")
        # Groups by number, methods by name of their own: this loop is the run time of a large file.
        for match in compiled(patterns.LINE).finditer(text, 1 if text.startswith("\ufeff") else 0):
            group = match.lastindex
            if group == _REST:
                words, keyword, start, end = None, intern(match[_KEYWORD]), match.start(_KEYWORD), match.end(_REST)
                if text[end - 1] in " \t":
                    end = start + len(text[start:end].rstrip(" \t"))
            elif group == _OTHER and (words := self.words(match.start(), match.end())):
                keyword, start, end = words[0].text, words[0].start, words[-1].end
            else:
                continue
            if keyword in SECTIONS:
                section = self.open(words or Line(source, keyword, start, end, None).words, match.end())
                append = self.body.append
                continue
            if section is None:
                section = self.open([Word(source, start, start, "")], start)
                append = self.body.append
                if keyword not in _CONDITIONS and keyword not in _MESSAGES:
                    self.problem(start, end, "expected a section first: global, defaults, frontend, backend, listen")
            line = Statement(words, section) if words else Line(source, keyword, start, end, section)
            append(line)
            if keyword[:1] == ".":
                self.directive(line)
        self.close(len(text))
        for line, _ in self.conditions:
            self.problem(line.start, line.end, "expected .endif for this .if")
        self.problems.sort(key=lambda problem: problem.start)

    def open(self, words: list[Word], body_start: int) -> Statement:
        self.close(words[0].start)
        section = Statement(words)
        self.body = section.body = []
        section.body_start = body_start
        self.sections.append(section)
        return section

    def close(self, end: int) -> None:
        if self.sections:
            section = self.sections[-1]
            section.body_end = max(end, section.body_start)
            if self.body:
                section.end = self.body[-1].end

    def words(self, start: int, end: int) -> list[Word]:
        """The words of a line with quotes, escapes or errors."""
        source, text = self.source, self.source.text
        words: list[Word] = []
        for match in compiled(patterns.FILE_TOKENS).finditer(text, start, end):
            kind, at, behind = match.lastgroup, match.start(), match.end()
            if kind == "word":
                word = _word(source, at, behind)
            elif kind == "unclosed":
                self.problem(at, behind, _expected(text, at))
                word = Word(source, at, behind)
            elif kind == "error" and not text.startswith("x", behind):  # the line ends in a backslash
                if not words or words[-1].end < at:
                    self.problem(at, behind, "expected no \\ at the end: haproxy joins no lines")
                word = Word(source, at, behind)
            elif kind == "error":
                self.problem(at, behind, "expected two hexadecimal digits after \\x")
                word = Word(source, at, at + len(text[at:end].rstrip("\r\n")))
            else:
                continue
            if words and words[-1].end == at:
                glued = words.pop()
                word = Word(source, glued.start, word.end, glued.text + word.text)
            words.append(word)
            if kind == "error":
                break  # so does haproxy
        return words

    def directive(self, line: Statement) -> None:
        keyword = line.keyword
        if keyword == ".if":
            self.conditions.append((line, False))
        elif keyword in _CONDITIONS:
            if not self.conditions:
                self.problem(line.start, line.end, f"expected .if before this {keyword}")
                return
            opened, otherwise = self.conditions.pop()
            if keyword != ".endif":
                if otherwise:
                    self.problem(line.start, line.end, "expected .endif: .else was there already")
                self.conditions.append((opened, otherwise or keyword == ".else"))
        elif keyword not in _MESSAGES:
            self.problem(line.start, line.end, "expected .if, .elif, .else, .endif, .diag, .notice, .warning or .alert")

    def problem(self, start: int, end: int, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, start, end, message))


def _word(source: Source, start: int, end: int) -> Word:
    raw = source.text[start:end]
    if '"' not in raw and "'" not in raw and "\\" not in raw:
        return Word(source, start, end, raw)
    text, variable = "", False
    for part in compiled(patterns.PART).finditer(raw):
        found, kind = part.group(), part.lastgroup
        if kind == "single":
            text += found[1:-1]
            continue
        quoted = kind == "double"
        found = found[1:-1] if quoted else found
        pieces = compiled(patterns.ESCAPE)
        variable = variable or quoted and any(piece["variable"] for piece in pieces.finditer(found))
        text += pieces.sub(_quoted if quoted else _bare, found)
    return (VariableWord if variable else Word)(source, start, end, text)


def _bare(escape: re.Match[str]) -> str:
    if escape["hex"]:
        byte = int(escape["hex"], 16)
        return chr(byte if byte < 0x80 else 0xDC00 + byte)
    literal: str = escape["literal"]
    return escape.group() if literal in {None, "$"} else _CONTROL.get(literal, literal)


def _quoted(escape: re.Match[str]) -> str:
    return "$" if escape["literal"] == "$" else _bare(escape)


def _expected(text: str, start: int) -> str:
    """What the quote at `start`, which nothing closes, should have been followed by."""
    if text[start] == '"':
        match = compiled(patterns.DOUBLE).match(text, start)
        stop = text[match.end() : match.end() + 2] if match else ""
        if stop[:1] == "$":
            return "expected the name of a variable behind $, and } behind ${NAME"
        if stop == "\\x":
            return "expected two hexadecimal digits after \\x"
    return f"expected a closing {text[start]} on this line"
