"""Reads files of [section] and KEY=VALUE lines: a section is a statement with a body, an assignment a statement
`key value`. Sections of one name are not merged here."""

from __future__ import annotations

from collections.abc import Iterator

from halint.patterns import ini as patterns
from halint.readers import modes
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

_LEXERS = {
    "file": patterns.FILE_TOKENS,
    "header": patterns.HEADER_TOKENS,
    "value": patterns.VALUE_TOKENS,
    "continued": patterns.CONTINUED_TOKENS,
}
_SWITCHES = {
    ("file", "open"): "header",
    ("file", "equals"): "value",
    ("header", "close"): "file",
    ("header", "newline"): "file",
    ("value", "newline"): "file",
    ("value", "continuation"): "continued",
    ("continued", "value"): "value",
}


def tokens(text: str) -> Iterator[Token]:
    return modes.scan(_LEXERS, _SWITCHES, text)


def read(source: Source) -> Tree:
    """The tree of `source`."""
    reading = _Reading(source)
    return Tree(source, reading.statements, reading.problems, tokens)


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.section: Statement | None = None
        self.key: Word | None = None
        self.equals: Token | None = None
        self.values: list[Token] = []
        self.read()

    def read(self) -> None:
        opened: Token | None = None
        name: Token | None = None
        continued = behind_header = False
        for token in tokens(self.source.text):
            kind = token.kind
            if behind_header and kind not in ("blank", "newline"):
                self.problem(token, "expected the end of the line behind ]")
            behind_header = (behind_header and kind == "blank") or kind == "close"
            if kind == "newline" and not continued:
                self.unclosed(opened, name)
                opened = None
                self.end_assignment()
            elif kind == "continuation":
                continued = True
            elif kind == "open":
                self.end_assignment()
                self.end_section(token.start)
                opened, name = token, None
            elif kind == "name":
                name = token
            elif kind == "close":
                self.open_section(name, token)
                opened = None
            elif kind == "key":
                self.end_assignment()
                self.key = Word(self.source, token.start, token.end)
            elif kind == "equals":
                self.equals = token
                if self.key is None:
                    self.problem(token, "expected a key before =")
            elif kind == "value":
                self.values.append(token)
                continued = False
            elif kind == "error":
                self.problem(token, "expected a character after \\")
        self.unclosed(opened, name)
        self.end_assignment()
        self.end_section(len(self.source.text))

    def unclosed(self, opened: Token | None, name: Token | None) -> None:
        """The line ended in the header that `opened` began; go on as if it were closed."""
        if opened is not None:
            self.problem(opened, "expected ] at the end of this section's name")
            if name is not None:
                self.open_section(name, name)

    def open_section(self, name: Token | None, close: Token) -> None:
        if name is None:
            self.problem(close, "expected the section's name before ]")
            return
        section = Statement([Word(self.source, name.start, name.end)])
        section.body, section.body_start, section.end = [], close.end, close.end
        self.section = section
        self.statements.append(section)

    def end_section(self, at: int) -> None:
        if self.section is not None:
            self.section.body_end = at
        self.section = None

    def end_assignment(self) -> None:
        key, equals, values = self.key, self.equals, self.values
        self.key, self.equals, self.values = None, None, []
        if key is None:
            return
        if equals is None:
            self.problems.append(SyntaxProblem(self.source, key.start, key.end, "expected KEY=VALUE"))
            return
        text = " ".join(self.source.text[v.start : v.end] for v in values)
        start, end = (values[0].start, values[-1].end) if values else (equals.end, equals.end)
        statement = Statement([key, Word(self.source, start, end, text)], self.section)
        if self.section is None or self.section.body is None:
            self.problems.append(SyntaxProblem(self.source, key.start, key.end, "expected a [section] before this"))
            self.statements.append(statement)
        else:
            self.section.body.append(statement)
            self.section.end = statement.end

    def problem(self, token: Token, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, token.start, token.end, message))
