"""Reads rsyslog.conf and the files of rsyslog.d, legacy lines and RainerScript alike.

A filter (selector, property, if, else, foreach) is a statement with a body of what it governs, braces or not; the
actions joined by `&` are in one body. An action is a statement: `/file`, `stop`, `call name`, or an object. An
object's words are its keyword and then a name and a value for each parameter, an array giving one pair an element, the
name of which stands, with no extent, where the element begins.
A `$Directive` is a statement with its arguments.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint.patterns import rsyslog as patterns
from halint.readers import modes
from halint.readers.lexer import compiled, unescaped
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

_LEXERS = {
    "file": patterns.FILE_TOKENS,
    "line": patterns.FILE_TOKENS,
    "comment": patterns.COMMENT_TOKENS,
    "object comment": patterns.COMMENT_TOKENS,
    "expression comment": patterns.COMMENT_TOKENS,
    "directive": patterns.DIRECTIVE_TOKENS,
    "selector": patterns.SELECTOR_TOKENS,
    "priorities": patterns.PRIORITIES_TOKENS,
    "property": patterns.PROPERTY_TOKENS,
    "call": patterns.CALL_TOKENS,
    "before": patterns.BEFORE_TOKENS,
    "object": patterns.OBJECT_TOKENS,
    "long": patterns.LONG_TOKENS,
    "expression": patterns.EXPRESSION_TOKENS,
}
_SWITCHES = {
    **{
        (mode, kind): following
        for mode in ("file", "line")
        for kind, following in (
            ("newline", "file"),
            ("comment_start", "comment"),
            ("directive", "directive"),
            ("property", "property"),
            ("if", "expression"),
            ("foreach", "expression"),
            ("assign", "expression"),
            ("call", "call"),
            ("object", "before"),
            *((kind, "line") for kind in ("removed", "else", "simple", "and", "open", "close", "legacy", "error")),
        )
    },
    **{(mode, "newline"): "file" for mode in ("directive", "selector", "priorities", "property", "call")},
    ("comment", "comment_end"): "line",
    ("object comment", "comment_end"): "object",
    ("expression comment", "comment_end"): "expression",
    ("object", "comment_start"): "object comment",
    ("expression", "comment_start"): "expression comment",
    ("file", "selector"): "selector",
    ("selector", "continuation"): "priorities",
    ("priorities", "priorities"): "selector",
    ("selector", "blank"): "line",
    ("selector", "open"): "line",
    ("selector", "legacy"): "line",
    ("property", "string"): "line",
    ("call", "legacy"): "line",
    ("before", "paren"): "object",
    ("object", "end_paren"): "line",
    ("object", "part_open"): "long",
    ("long", "part_end"): "object",
    ("expression", "then"): "line",
    ("expression", "semicolon"): "line",
}
#: Where a `(` or a string in it is never closed: the next line that can be no parameter ends the object.
_RECOVERING_LEXERS = {**_LEXERS, "object": patterns.RECOVERING_TOKENS}
_RECOVERING = {**_SWITCHES, ("object", "break"): "file"}

_HEADS = frozenset({"selector", "property", "if", "else", "foreach"})
#: The bare words of an expression: each other one is a function, which a `(` follows, or a syntax error. Versions after
#: 8.2302 compare by the last two, too.
_OPERATORS = frozenset(
    {"and", "or", "not", "contains", "contains_i", "startswith", "startswith_i", "endswith", "endswith_i"}
)
#: What a string in an expression is made of, by its quotes: asked of rsyslogd, character by
#: character.
_ESCAPED = r"\\(?:[bnrtBNRT\"'$\\]|x[0-9a-fA-F]{2}|[0-7]{3})"
_PIECES = {'"': rf'(?>(?:[^"\\$]+|{_ESCAPED})*)', "'": rf"(?>(?:[^'\\]+|{_ESCAPED})*)"}
#: What follows the name of a property.
_COMPARED = ("comma", "comparison", "comma", "string")


def tokens(text: str) -> Iterator[Token]:
    return iter(_tokens(text))


def read(source: Source) -> Tree:
    """The tree of `source`."""
    reading = _Reading(source)
    return Tree(source, reading.top, reading.problems, tokens)


def _tokens(text: str) -> list[Token]:
    found = list(modes.scan(_LEXERS, _SWITCHES, text))
    last = next((t.kind for t in reversed(found) if t.kind in ("object", "end_paren")), "end_paren")
    return found if last == "end_paren" else list(modes.scan(_RECOVERING_LEXERS, _RECOVERING, text))


class _Block:
    """A filter whose body is being read. braced: whether its `{` came. optional: whether it can do without a body.
    ifs: of an `else`, the outer `if`s that the next `else` belongs to."""

    __slots__ = ("braced", "ifs", "optional", "statement")

    def __init__(self, statement: Statement, *, optional: bool = False) -> None:
        self.statement = statement
        self.optional = optional
        self.braced = False
        self.ifs: list[Statement] = []


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.top: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.blocks: list[_Block] = []
        #: The `if`s that an `else` could follow now, the innermost last.
        self.ifs: list[Statement] = []
        #: The last action, where `&` could join another to it; joining: after that `&`.
        self.action: Statement | None = None
        self.joining = False
        #: The kind and the words of the statement being read, for those of several tokens.
        self.kind = ""
        self.words: list[Word] = []
        self.parameter: Word | None = None
        self.closed = -1  # where the `)` of the object being read ends
        self.compared = 0  # how many of _COMPARED were read
        self.assigned = False
        self.complained = -1
        self.read()

    def read(self) -> None:
        comment: Token | None = None
        for token in _tokens(self.source.text):
            kind = token.kind
            if kind in ("comment_start", "comment_text", "comment_end"):
                comment = token if kind == "comment_start" else None if kind == "comment_end" else comment
            elif kind in ("blank", "comment", "continuation", "equals"):
                self.assigned = self.assigned or kind == "equals"
            elif kind == "newline" or kind == "break":
                if kind == "break" or self.kind in ("directive", "selector", "property", "call"):
                    self.end_statement(complete=self.kind in ("directive", "selector"))
            elif kind == "error" or kind == "unclosed":
                self.error(token)
            elif self.kind and self.inside(kind, token):
                continue
            else:
                self.end_statement(complete=self.kind in ("directive", "selector"))
                self.begin(kind, token)
        if comment is not None:
            self.problem(comment.start, comment.end, "expected */ at the end of this comment")
        self.end_statement(complete=self.kind in ("directive", "selector"))
        self.settle()
        for block in self.blocks:
            word = block.statement.words[0]
            missing = "}" if block.braced else "an action"
            self.problem(word.start, word.end, f"expected {missing} for this {_called(block.statement)}")
            block.statement.closed = not block.braced
            block.statement.end = block.statement.body_end = len(self.source.text)

    def inside(self, kind: str, token: Token) -> bool:
        """Take `token` as a part of the statement being read; False where it begins the next one."""
        word = Word(self.source, token.start, token.end)
        if self.kind == "directive":
            self.words.append(word)
        elif self.kind == "selector":
            if kind != "priorities":
                return False
            first = self.words[0]
            self.words = [Word(self.source, first.start, word.end, first.text + word.text)]
        elif self.kind == "property":
            if kind != _COMPARED[self.compared]:
                self.error(token)
                return True
            self.compared += 1
            if kind == "string":
                word.text = _unescaped(word.text[1:-1])
            if kind != "comma":
                self.words.append(word)
            if kind == "string":
                self.end_statement()
        elif self.kind == "call":
            self.words.append(word)
            self.end_statement()
        elif self.kind == "object":
            self.inside_object(kind, word)
        elif kind in ("then", "semicolon"):
            self.end_statement()
        else:
            if word.text != "(":
                self.check_operand()
            if kind == "string" and not word.raw.startswith("`"):
                self.check_string(word)
                word.text = _unescaped(word.text[1:-1])
            elif kind == "operator" and word.text == "=" and self.kind == "if":
                self.problem(word.start, word.end, "expected == for this =", ends=True)
            elif kind == "operator" and word.text == "&" and self.words[-1].raw == "&":
                self.problem(self.words[-1].start, word.end, "expected and for this &&", ends=True)
            self.words.append(word)
        return True

    def check_string(self, word: Word) -> None:
        inner = word.raw[1:-1]
        found = compiled(_PIECES[word.raw[0]]).match(inner)
        at = found.end() if found is not None else 0
        if at < len(inner):
            what = "\\$ for this $" if inner[at] == "$" else f"no \\ before this {inner[at + 1 : at + 2]}"
            self.problem(word.start + 1 + at, word.start + 2 + at, f"expected {what} in quotes", ends=True)

    def check_operand(self) -> None:
        """The last word so far of an expression, behind which no `(` comes."""
        word = self.words[-1]
        if len(self.words) == 1 or self.kind == "foreach" or not compiled(r"[A-Za-z_]\w*").fullmatch(word.raw):
            return
        line = self.source.line_start(word.start)
        if word.text.lower() not in _OPERATORS and line != self.complained:
            self.complained = line
            self.problem(
                word.start, word.end, f"expected quotes around {word.text}, or an operator in its place", ends=True
            )

    def inside_object(self, kind: str, word: Word) -> None:
        if kind == "end_paren":
            self.closed = word.end
            self.end_statement()
        elif kind == "parameter":
            if self.parameter is not None and self.assigned and self.words[-1].start < self.parameter.start:
                self.problem(word.start, word.end, f"expected quotes around {word.text}")
                self.assigned = False
                return
            self.parameter, self.assigned = word, False
        elif kind in ("string", "backtick", "part_open"):
            if self.parameter is None or not self.assigned:
                self.problem(word.start, word.end, "expected name= before this value")
                return
            if kind == "string":
                word.text = _unescaped(word.text[1:-1])
            again = self.words[-1].start > self.parameter.start
            name = Word(self.source, word.start, word.start, self.parameter.text) if again else self.parameter
            self.words += (name, word)
        elif kind in ("part", "inner", "part_end") and self.words:
            self.words[-1].end = word.end
            self.words[-1].text = self.words[-1].raw.strip('"')

    def begin(self, kind: str, token: Token) -> None:
        word = Word(self.source, token.start, token.end)
        if kind == "selector" and self.source.text[self.source.line_start(token.start) : token.start].strip(" \t\r"):
            kind = "legacy"  # the names of users, to whom a message is shown
            if "." in word.text:
                self.problem(word.start, word.end, "expected an action, or no blank before this part of a selector")
        elif kind == "legacy" and not word.text[0].isascii():
            self.problem(word.start, word.start + 1, f"expected an action, not {word.text[0]!a}")
        if kind == "open":
            self.open(token)
        elif kind == "close":
            self.close(token)
        elif kind == "and":
            self.joining = self.action is not None
            if not self.joining:
                self.problem(token.start, token.end, "expected an action before &", ends=True)
        elif kind in ("legacy", "simple", "removed", "else"):
            self.kind, self.words = kind, [word]
            self.end_statement()
        elif kind in ("directive", "selector", "property", "call", "object", "if", "foreach", "assign"):
            self.kind, self.words, self.parameter, self.compared = kind, [word], None, 0
        # What remains are stray pieces behind an error that was told already.

    def end_statement(self, *, complete: bool = True) -> None:
        """Put the words read so far into the tree. complete: whether their end was read."""
        kind, words = self.kind, self.words
        self.kind, self.words = "", []
        if not words:
            return
        if kind in ("if", "assign"):
            self.words = words
            self.check_operand()
            self.words = []
        if not complete and self.source.line_start(words[0].start) != self.complained:
            closing = ")" if kind == "object" else ', a comparison, and "a value"' if kind == "property" else "then"
            self.problem(words[0].start, words[0].end, f"expected {closing} for this {words[0].text}")
        statement = Statement(words)
        statement.end = max(statement.end, self.closed)
        self.closed = -1
        if kind == "directive":
            # Where a filter waits for its action, rsyslog obeys the directive at once and waits on (measured).
            self.settle()
            self.append(statement, self.blocks[-1] if self.blocks else None)
        elif kind == "else":
            self.settle()
            self.begin_else(statement)
        elif kind in _HEADS:
            self.settle()
            self.ifs, self.action, self.joining = [], None, False
            self.append(statement, self.blocks[-1] if self.blocks else None)
            self.push(statement)
        else:
            self.settle()
            self.end_action(statement, kind)

    def end_action(self, statement: Statement, kind: str) -> None:
        keyword = statement.keyword.lower()
        acts = kind in ("legacy", "simple", "call") or kind == "object" and keyword == "action"
        if self.joining and self.action is not None and acts:
            self.joining = False
            statement.parent = self.action.parent
            (self.top if statement.parent is None else statement.parent.body or self.top).append(statement)
            self.action = statement
            around, still_open = statement.parent, self.blocks[-1].statement if self.blocks else None
            while around is not None and around is not still_open:
                around.body_end = around.end = statement.end
                around = around.parent
            return
        self.ifs, self.joining = [], False
        self.append(statement, self.blocks[-1] if self.blocks else None)
        self.action = statement if acts else None
        if keyword in ("ruleset", "template") and kind == "object":
            self.push(statement, optional=True)
        else:
            self.complete()

    def begin_else(self, statement: Statement) -> None:
        if not self.ifs:
            self.problem(statement.start, statement.end, "expected if ... then before this else", ends=True)
            return
        before = self.ifs.pop()
        statement.parent = before.parent
        (self.top if statement.parent is None else statement.parent.body or self.top).append(statement)
        self.action = None
        self.push(statement)
        self.blocks[-1].ifs, self.ifs = self.ifs, []

    def append(self, statement: Statement, block: _Block | None) -> None:
        if block is None:
            self.top.append(statement)
            return
        statement.parent = block.statement
        if block.statement.body is not None:
            block.statement.body.append(statement)

    def push(self, statement: Statement, *, optional: bool = False) -> None:
        if not optional:
            statement.body, statement.body_start = [], statement.end
        self.blocks.append(_Block(statement, optional=optional))

    def settle(self) -> None:
        """What could have had a body and has none is complete."""
        if self.blocks and self.blocks[-1].optional and not self.blocks[-1].braced:
            word = self.blocks.pop().statement.words[0]
            if word.text.lower() == "ruleset":
                self.problem(word.start, word.end, "expected { behind this ruleset", ends=True)
            self.complete()

    def complete(self) -> None:
        """A statement ended: so do the filters that govern it alone."""
        while self.blocks and not self.blocks[-1].braced:
            block = self.blocks.pop()
            if block.statement.body:
                block.statement.body_end = block.statement.end = block.statement.body[-1].end
            self.ended(block)

    def ended(self, block: _Block) -> None:
        pending = [block.statement] if block.statement.keyword.lower() == "if" else block.ifs
        self.ifs = [*pending, *self.ifs]

    def open(self, token: Token) -> None:
        block = self.blocks[-1] if self.blocks else None
        if block is None or block.braced:
            self.problem(token.start, token.end, "expected a filter before {")
            return
        block.braced = True
        block.statement.body, block.statement.body_start = [], token.end

    def close(self, token: Token) -> None:
        self.settle()
        while self.blocks and not self.blocks[-1].braced:
            word = self.blocks.pop().statement.words[0]
            self.problem(word.start, word.end, "expected an action for this filter")
        if not self.blocks:
            self.problem(token.start, token.end, "expected no }: there is no open block", ends=True)
            return
        block = self.blocks.pop()
        body = block.statement.body or ()
        settings = (s for s in body if s.keyword.startswith("$") and s.keyword.lower() != "$includeconfig")
        if not block.optional and len(body) == sum(1 for _ in settings):
            self.problem(
                token.start, token.end, f"expected an action in the block of this {_called(block.statement)}", ends=True
            )
        block.statement.body_end, block.statement.end = token.start, token.end
        self.action, self.ifs = None, []
        self.ended(block)
        self.complete()

    def error(self, token: Token) -> None:
        """One problem a line, since a stray character seldom comes alone."""
        line = self.source.line_start(token.start)
        if line == self.complained:
            return
        self.complained = line
        if token.kind == "unclosed":
            self.problem(token.start, token.end, 'expected a closing "')
            return
        expected = {"object": 'name="value" or )', "property": ', a comparison, and "a value"'}.get(self.kind)
        expected = expected or ("an expression" if self.kind else "a directive, a filter or an action")
        self.problem(token.start, token.end, f"expected {expected}")

    def problem(self, start: int, end: int, message: str, *, ends: bool = False) -> None:
        """ends: whether rsyslogd reads nothing more, in whatever file (measured); some slips it passes over."""
        message += "; rsyslogd reads nothing that stands below" if ends else ""
        self.problems.append(SyntaxProblem(self.source, start, end, message))


def _called(statement: Statement) -> str:
    return statement.keyword if statement.keyword.lower() in ("if", "else", "foreach", "ruleset") else "filter"


def _unescaped(text: str) -> str:
    r"""What a string stands for, `\n` and the like left alone: no name or path has them."""
    return unescaped(r"""\\(["'\\$`?])""", text) if "\\" in text else text
