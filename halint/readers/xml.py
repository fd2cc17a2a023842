"""Reads the XML of firewalld: an explicit stack of elements over the compiled terminals of grammars/xml.py.

Document types and entity declarations are refused: firewalld's files have none, and they are how XML bombs.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint.patterns import xml as patterns
from halint.readers.lexer import compiled
from halint.source import Source
from halint.tree import Statement, SyntaxProblem, Token, Tree, Word

_LEXERS = {
    "content": patterns.CONTENT_TOKENS,
    "tag": patterns.TAG_TOKENS,
    "comment": patterns.COMMENT_TOKENS,
    "cdata": patterns.CDATA_TOKENS,
    "pi": patterns.PI_TOKENS,
    "doctype": patterns.DOCTYPE_TOKENS,
}
#: The lexer that goes on behind a token of this kind.
_OPENS = {
    "start": "tag",
    "end": "tag",
    "comment_open": "comment",
    "cdata_open": "cdata",
    "pi_open": "pi",
    "doctype_open": "doctype",
    "empty_close": "content",
    "close": "content",
    "comment_close": "content",
    "cdata_close": "content",
    "pi_close": "content",
}
_CLOSERS = {"tag": ">", "comment": "-->", "cdata": "]]>", "pi": "?>", "doctype": ">"}
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'"}


class Element(Statement):
    """An element; its only word is its name, its body the elements in it (None for `<a/>`).

    attributes: by name, the word between the quotes. texts: the pieces of its own text, none longer than a line.
    """

    __slots__ = ("attributes", "texts")

    def __init__(self, name: Word, start: int, parent: Statement | None) -> None:
        super().__init__([name], parent)
        self.start = start
        self.attributes: dict[str, Word] = {}
        self.texts: list[Word] = []

    def get(self, attribute: str) -> str | None:
        """The value of `attribute`, or None where it is not given."""
        word = self.attributes.get(attribute)
        return None if word is None else word.text

    def elements(self, *names: str) -> Iterator[Element]:
        """The elements in it with one of `names`, in order; all of them without any."""
        return (e for e in self.statements(*names) if isinstance(e, Element))


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text`: what is open decides how it goes on."""
    mode, at, end, nested = "content", 0, len(text), 0
    while at < end:
        match = compiled(_LEXERS[mode]).match(text, at)
        assert match is not None, "every lexer is total"
        kind, at = match.lastgroup or "", match.end()
        yield Token(kind, match.start(), at)
        if kind == "doctype_nested":
            nested += 1
        elif kind == "doctype_close":
            mode = "doctype" if nested else "content"
            nested = max(0, nested - 1)
        else:
            if kind == "error" and mode == "tag" and text[at - 1] == "<":
                mode = "content"
            mode = _OPENS.get(kind, mode)


def read(source: Source) -> Tree:
    """The tree of `source`; its statements are Elements, one where the file is well-formed."""
    reading = _Reading(source)
    return Tree(source, list(reading.top), reading.problems, tokens)


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.top: list[Element] = []
        self.problems: list[SyntaxProblem] = []
        self.open: list[Element] = []
        self.open_names: dict[str, int] = {}
        self.tag: Element | None = None
        self.ending: Token | None = None
        self.name: Token | None = None
        self.equals = False
        self.spaced = False
        self.read()

    def read(self) -> None:
        text, opener = self.source.text, None
        for token in tokens(text):
            kind = token.kind
            if kind in ("newline", "blank", "comment", "pi", "doctype", "doctype_nested"):
                self.spaced = True
            elif kind == "text":
                self.text(token, text[token.start : token.end])
            elif kind == "cdata":
                self.piece(token, text[token.start : token.end])
            elif kind == "reference":
                self.piece(token, self.decode(token, text[token.start : token.end]))
            elif kind in ("start", "end"):
                if opener is not None:
                    self.problem(opener, "expected > for this tag")
                    self.finish(Token("empty_close", token.start, token.start))
                opener = self.ending = token
                self.name, self.equals = None, False
            elif kind == "name":
                self.named(token)
            elif kind == "equals":
                if self.name is None or self.equals or self.ending is not None:
                    self.problem(token, "expected an attribute name before =")
                self.equals = True
            elif kind in ("value", "unclosed"):
                self.valued(token)
            elif kind in ("close", "empty_close"):
                self.finish(token)
                opener = None
            elif kind.endswith("_open"):
                opener = token
                if kind == "doctype_open":
                    self.problem(token, "expected no document type: firewalld's files have none")
                elif kind == "cdata_open" and not self.open:
                    self.problem(token, "expected no text outside the root element")
                elif kind == "pi_open" and token.start > _begin(text) and _declares(text, token.start):
                    self.problem(token, "expected <?xml only at the start of the file")
            elif kind.endswith("_close"):
                opener = None
            else:
                self.error(token, text[token.start])
        if opener is not None:
            mode = _OPENS[opener.kind]
            self.problem(opener, f"expected {_CLOSERS[mode]} for this")
        for element in self.open:
            self.leave_open(element, len(text), len(text))
        if not self.top and not self.problems:
            self.problems.append(SyntaxProblem(self.source, 0, 0, "expected an element"))

    def named(self, token: Token) -> None:
        """A name in a tag: of the element, or of an attribute."""
        opening = self.ending
        if opening is not None and opening.kind == "start":
            name = Word(self.source, token.start, token.end)
            parent = self.open[-1] if self.open else None
            if parent is None and self.top:
                self.problem(token, "expected no second root element")
            self.tag = Element(name, opening.start, parent)
            self.ending = None
        elif opening is not None:
            if self.name is not None or token.start != opening.end:
                self.problem(token, "expected > behind the name of an end tag")
            self.name = token
            return
        else:
            if self.name is not None or not self.spaced:
                self.missing_value()
                if not self.spaced:
                    self.problem(token, "expected a blank before an attribute")
            self.name = token
        self.equals = self.spaced = False

    def valued(self, token: Token) -> None:
        text = self.source.text
        closed = token.kind == "value"
        if not closed:
            self.problem(token, f"expected a closing {text[token.start]} on this line")
        if self.tag is None or self.name is None or not self.equals:
            if closed:
                self.problem(token, "expected a name and = before a value")
            return
        start, end = token.start + 1, token.end - closed
        name = text[self.name.start : self.name.end]
        if name in self.tag.attributes:
            self.problem(self.name, f"expected {name} only once in this tag")
        else:
            value = self.expand(start, end)
            self.tag.attributes[name] = Word(self.source, start, end, value)
        self.name, self.equals, self.spaced = None, False, False

    def missing_value(self) -> None:
        if self.name is not None:
            self.problem(self.name, 'expected ="..." behind the name of an attribute')
            self.name = None

    def finish(self, token: Token) -> None:
        """The end of a tag."""
        opening, name = self.ending, self.name
        if opening is not None and opening.kind == "end":
            self.ending = self.name = None
            if token.kind == "empty_close":
                self.problem(token, "expected > behind the name of an end tag")
            self.end_tag(opening, name, token)
            return
        self.missing_value()
        element, self.tag = self.tag, None
        if element is None:
            return
        (self.top if not self.open or self.open[-1].body is None else self.open[-1].body).append(element)
        element.end = token.end
        if token.kind == "close":
            element.body, element.body_start = [], token.end
            self.open.append(element)
            self.open_names[element.keyword] = self.open_names.get(element.keyword, 0) + 1

    def end_tag(self, opening: Token, name: Token | None, closing: Token) -> None:
        text = self.source.text
        wanted = text[name.start : name.end] if name else ""
        if not name:
            self.problem(opening, "expected the name of an element behind </")
            return
        if not self.open_names.get(wanted):
            open_ = f" but </{self.open[-1].keyword}>" if self.open else ""
            self.problem(name, f"expected no </{wanted}>{open_}: there is no open {wanted}")
            return
        while self.open[-1].keyword != wanted:
            self.leave_open(self.pop(), opening.start, opening.start)
        element = self.pop()
        element.body_end, element.end = opening.start, closing.end

    def pop(self) -> Element:
        element = self.open.pop()
        self.open_names[element.keyword] -= 1
        return element

    def leave_open(self, element: Element, body_end: int, end: int) -> None:
        element.closed, element.body_end, element.end = False, body_end, end
        name = element.words[0]
        self.problems.append(
            SyntaxProblem(self.source, name.start, name.end, f"expected </{name.text}> for this element")
        )

    def text(self, token: Token, text: str) -> None:
        if self.open:
            self.open[-1].texts.append(Word(self.source, token.start, token.end))
        elif compiled(r"[ \t]*").fullmatch(text) is None and not (token.start == 0 and text.strip(" \t") == "\ufeff"):
            self.problem(token, "expected no text outside the root element")

    def piece(self, token: Token, text: str) -> None:
        if self.open:
            self.open[-1].texts.append(Word(self.source, token.start, token.end, text))
        elif token.kind == "reference":
            self.problem(token, "expected no text outside the root element")

    def expand(self, start: int, end: int) -> str:
        """The value of an attribute with its references replaced."""
        text = self.source.text[start:end]
        if "&" not in text:
            return text
        parts, at = [], start
        for match in compiled(r"&[^;&]*;?").finditer(self.source.text, start, end):
            parts += [self.source.text[at : match.start()], self.decode(Token("", *match.span()), match[0])]
            at = match.end()
        return "".join([*parts, self.source.text[at:end]])

    def decode(self, token: Token, reference: str) -> str:
        """What a reference stands for."""
        found = _ENTITIES.get(reference)
        number = compiled(r"&#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}));").fullmatch(reference)
        if number:
            code = int(number[1]) if number[1] else int(number[2], 16)
            if code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF:
                found = chr(code)
        if found is None:
            self.problem(token, "expected one of &lt; &gt; &amp; &quot; &apos; or a character number")
            return reference
        return found

    def error(self, token: Token, character: str) -> None:
        if character == "<":
            self.tag = self.ending = self.name = None
            self.problem(token, "expected the name of an element behind < (or &lt; for the character)")
        elif character == "&":
            self.problem(token, "expected &amp; for the character &")
        else:
            self.problem(token, f"expected no {character!a} here")

    def problem(self, token: Token, message: str) -> None:
        self.problems.append(SyntaxProblem(self.source, token.start, token.end, message))


def _declares(text: str, at: int) -> bool:
    return compiled(r"<\?xml(?![\w:.-])").match(text, at) is not None


def _begin(text: str) -> int:
    """Where the XML declaration has to stand: behind a byte order mark."""
    return 1 if text.startswith("\ufeff") else 0
