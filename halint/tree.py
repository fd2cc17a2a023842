"""The lossless syntax tree that every reader makes, whatever the format.

    tree      = { statement } ;              every byte also belongs to exactly one token
    statement = word { word } [ body ] ;     `keyword argument ...`, or the head of a block
    body      = { statement } ;

A section of haproxy.cfg, a `{ }` block of keepalived.conf, an XML element and a `[section]` of an ini
file are all statements with a body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from halint.light import cache
from halint.source import Source

if TYPE_CHECKING:
    import re


class Token:
    """A piece of a source, `source.text[start:end]`; the tokens of a file follow each other without a gap."""

    __slots__ = ("end", "kind", "start")

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = start
        self.end = end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and (self.kind, self.start, self.end) == (
            other.kind,
            other.start,
            other.end,
        )

    def __repr__(self) -> str:
        return f"{self.kind}[{self.start}:{self.end}]"


class Word:
    """One word of a statement.

    text: what the program sees, after quotes, escapes and definitions. raw: as it is written.
    """

    __slots__ = ("end", "source", "start", "text")

    def __init__(self, source: Source, start: int, end: int, text: str | None = None) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.text = source.text[start:end] if text is None else text

    @property
    def raw(self) -> str:
        return self.source.text[self.start : self.end]

    def part(self, start: int, end: int) -> Word:
        """The characters [start, end) of an unquoted word, as a word of their own."""
        return Word(self.source, self.start + start, self.start + end)

    def __repr__(self) -> str:
        return f"Word({self.text!r})"


class Statement:
    """A keyword with its arguments and, where it opens a block, a body.

    start, end: from the first word to the end of the last word, or to the end of the body's closing token.
    body_start, body_end: the span between the opening and the closing token; -1 without a body.
    closed: False where the closing token is missing.
    """

    __slots__ = ("body", "body_end", "body_start", "closed", "end", "keyword", "parent", "source", "start", "words")

    def __init__(self, words: list[Word], parent: Statement | None = None) -> None:
        self.words = words
        self.source = words[0].source
        self.keyword = words[0].text
        self.parent = parent
        self.body: list[Statement] | None = None
        self.body_start = self.body_end = -1
        self.closed = True
        self.start = words[0].start
        self.end = words[-1].end

    @property
    def plain(self) -> str | None:
        """The words as they are written, and the { behind them, where that is one line without quotes, escapes and
        variables."""
        return None

    @property
    def plain_body(self) -> str | None:
        """The body as it is written, where it is short and no words but these are in it: equal texts are read alike."""
        return None

    @property
    def arguments(self) -> list[Word]:
        return self.words[1:]

    def argument(self, number: int = 0) -> Word | None:
        """Argument `number`, from 0, or None where there are fewer."""
        return self.words[number + 1] if len(self.words) > number + 1 else None

    @property
    def word_texts(self) -> list[str]:
        """The texts of its words."""
        return [word.text for word in self.words]

    def statements(self, *keywords: str) -> Iterator[Statement]:
        """The statements of the body with one of `keywords`, in order; all of them without any."""
        return (s for s in self.body or () if not keywords or s.keyword in keywords)

    def __repr__(self) -> str:
        return f"Statement({' '.join(w.text for w in self.words)!r}{', ...' if self.body is not None else ''})"


class Line(Statement):
    """A statement of one line without quotes, escapes and variables: its words are what stands between its blanks.

    They are read when they are first asked for; of a hundred thousand lines few ever are.
    """

    __slots__ = ("_words",)

    # Set once here and not in each line.
    body: list[Statement] | None = None
    body_start = body_end = -1
    closed = True

    def __init__(self, source: Source, keyword: str, start: int, end: int, parent: Statement | None) -> None:
        self.source = source
        self.keyword = keyword
        self.start = start
        self.end = end
        self.parent = parent
        self._words: list[Word] | None = None

    @property
    def words(self) -> list[Word]:
        if self._words is None:
            self._words = self.split()
        return self._words

    @words.setter
    def words(self, words: list[Word]) -> None:
        self._words = words

    def split(self) -> list[Word]:
        """Its words, for who looks at each line once: they are not kept, where nobody else asked for them."""
        if self._words is not None:
            return self._words
        source, at = self.source, self.start
        words: list[Word] = []
        for text in source.text[at : self.words_end].replace("\t", " ").split(" "):
            end = at + len(text)
            if text:
                words.append(Word(source, at, end, text))
            at = end + 1
        return words

    def argument(self, number: int = 0) -> Word | None:
        if self._words is None and number < len(_ARGUMENTS):  # one word of many: the others can go on waiting
            found = _argument(number).match(self.source.text, self.start, self.words_end)
            return None if found is None else Word(self.source, found.start(1), found.end(1), found[1])
        return super().argument(number)

    @property
    def word_texts(self) -> list[str]:
        if self._words is not None:
            return super().word_texts
        return [text for text in self.source.text[self.start : self.words_end].replace("\t", " ").split(" ") if text]

    @property
    def plain(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def words_end(self) -> int:
        """Where the last of its words ends."""
        return self.end


#: The argument of a number, and what stands before it.
_ARGUMENTS = tuple(rf"(?:[^ \t]+[ \t]+){{{number + 1}}}([^ \t]+)" for number in range(2))


@cache
def _argument(number: int) -> re.Pattern[str]:
    from halint.readers.lexer import compiled

    return compiled(_ARGUMENTS[number])


class SyntaxProblem:
    """Something that the format does not allow, where it stands, and what was expected there.

    reach: how far the daemon takes what follows for something else than it is; `end` where no further. closed: where
    the brace stands that closed the block before, perhaps too early; None where that has nothing to do with it.
    before: where the block begins, or the file ends, before which a brace is missing; None where none is.
    """

    __slots__ = ("before", "closed", "end", "message", "reach", "source", "start")

    def __init__(
        self,
        source: Source,
        start: int,
        end: int,
        message: str,
        *,
        reach: int = 0,
        closed: int | None = None,
        before: int | None = None,
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.message = message
        self.reach = max(end, reach)
        self.closed = closed
        self.before = before

    def __repr__(self) -> str:
        return f"SyntaxProblem({self.start}:{self.end} {self.message!r})"


class Tree:
    """What a reader makes of one source."""

    __slots__ = ("_lex", "problems", "source", "statements")

    def __init__(
        self,
        source: Source,
        statements: list[Statement],
        problems: list[SyntaxProblem],
        lex: Callable[[str], Iterator[Token]],
    ) -> None:
        self.source = source
        self.statements = statements
        self.problems = problems
        self._lex = lex

    def tokens(self) -> Iterator[Token]:
        """Every token in order: their texts together are the file, character for character."""
        return self._lex(self.source.text)

    def walk(self) -> Iterator[Statement]:
        """Every statement, a block before what is in it; without recursion, since depth is the writer's choice."""
        stack = self.statements[::-1]
        while stack:
            statement = stack.pop()
            yield statement
            if statement.body:
                stack.extend(reversed(statement.body))
