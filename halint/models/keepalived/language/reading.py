"""One pass over the statements of keepalived.conf: what keepalived 2.2.7 would complain of, and what it does instead.

Source: keepalived v2.2.7 lib/parser.c (process_stream, alloc_value_block) and the handlers of each keyword; every kind
is measured with `keepalived -t`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from halint.models.keepalived.language.arguments import Fault, explain
from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.holes import Holes
from halint.models.keepalived.language.keywords import Keyword, keywords
from halint.models.keepalived.language.signature import Part
from halint.source import Place
from halint.tree import Statement, Word
from halint.versions import ALWAYS, Version, known


def read(statements: list[Statement], version: Version | None, incomplete: Iterable[Statement] = ()) -> list[Complaint]:
    """What keepalived does not take of `statements`, in order, where its version is `version` (None: the newest).

    incomplete: include statements whose file is not there: what holds one may hold more.
    """
    return _Pass(version, Holes(incomplete)).run(statements)


class _Block:
    """A block whose statements are being read. keyword: what opened it, None outside all.

    seen: the first statement of each keyword met so far. torn: whether a block in it began without a brace, so that
    its lines are taken for those of this one. fine: the keywords of the lines, and of the heads of blocks, that
    keepalived takes as they are written, in every block of this kind. before: how many complaints there were.
    """

    __slots__ = ("before", "fine", "keyword", "path", "rest", "seen", "statement", "table", "torn")

    def __init__(
        self,
        path: str,
        keyword: Keyword | None,
        statement: Statement | None,
        body: list[Statement],
        fine: dict[str, Keyword],
        before: int = 0,
    ) -> None:
        self.path = path
        self.keyword = keyword
        self.statement = statement
        self.rest: Iterator[Statement] = iter(body)
        self.table = keywords(path)
        self.fine = fine
        self.before = before
        self.seen: dict[str, Statement] = {}
        self.torn = False


class _Pass:
    def __init__(self, version: Version | None, holes: Holes) -> None:
        self.version = version
        self.holes = holes
        #: What a word holds that may be anything.
        self.unknown = "$" if holes.starts else "${"
        self.found: list[Complaint] = []
        self.fine: dict[str, dict[str, Keyword]] = {}
        self.fine_bodies: set[tuple[str, str]] = set()
        self.named: dict[tuple[str, str], Statement] = {}

    def run(self, statements: list[Statement]) -> list[Complaint]:
        blocks = [_Block("", None, None, statements, {})]
        while blocks:
            block = blocks[-1]
            inner = self.go_on(block)
            if inner is not None:
                blocks.append(inner)
                continue
            blocks.pop()
            if block.keyword is not None and block.statement is not None:
                self.close(block.keyword, block.statement, block.seen)
                self.remember(block.keyword, block.statement, block.before)
        return self.found

    def go_on(self, block: _Block) -> _Block | None:
        """Read the statements of `block` up to the next one that opens a block of keywords; that block, or None."""
        fine, seen = block.fine, block.seen
        for statement in block.rest:
            plain = statement.plain
            keyword = fine.get(plain) if plain is not None else None
            if keyword is None:
                keyword = self.judge(statement, plain, block)
            elif keyword.name not in seen:
                seen[keyword.name] = statement
            elif keyword.repeat != "adds":
                self.repeat(keyword, statement, block)
            if keyword is None or keyword.form is None:
                continue
            if self.is_second(keyword, statement):
                continue
            body = statement.plain_body
            if body is not None and (keyword.path, body) in self.fine_bodies:
                continue
            before = len(self.found)
            if keyword.form == "keywords":
                there = self.fine.setdefault(keyword.path, {})
                return _Block(keyword.path, keyword, statement, statement.body or [], there, before)
            self.values(keyword, statement)
            self.remember(keyword, statement, before)
        return None

    def judge(self, statement: Statement, plain: str | None, block: _Block) -> Keyword | None:
        """Judge the words of `statement`; its keyword, where keepalived goes on with what is in its braces.

        plain: these words, where they may be met again."""
        words, seen, version = statement.words, block.seen, self.version
        name = words[0].text
        keyword = block.table.get(name)
        if keyword is None:
            block.torn = block.torn or name.startswith("~")  # what a list in braces looks like
            if self.unknown not in name and not block.torn:
                self.complain("unknown-keyword", words[0], statement, block)
            return None
        if version is not None and keyword.lifetime is not ALWAYS and known(keyword.lifetime, version) is False:
            self.complain("too-new", words[0], statement, block, keyword)
            return None
        if keyword.form is None and statement.body and self.unknown in statement.body[0].keyword:
            return None  # `{$NAME}` is no block
        fine = keyword.arguments is None or self.take(keyword, statement, block)
        if name not in seen:
            seen[name] = statement
        elif keyword.repeat != "adds":
            self.repeat(keyword, statement, block)
        deprecated = keyword.replacement
        if deprecated:
            self.complain("deprecated", words[0], statement, block, keyword, wanted=deprecated)
        opens = statement.body_start >= 0
        if keyword.form is None and opens:
            if not self.stops_at(statement):
                self.complain("no-block", words[0], statement, block, keyword)
        elif keyword.form is not None and not opens:
            block.torn = True
            self.complain("no-brace", words[0], statement, block, keyword)
        elif fine and not deprecated and plain is not None:
            block.fine[plain] = keyword
        return keyword if opens and (fine or not keyword.drops) else None

    def remember(self, keyword: Keyword, statement: Statement, before: int) -> None:
        """Note that keepalived takes all that is in `statement`, if there are no complaints since `before`."""
        body = statement.plain_body
        if body is not None and len(self.found) == before:
            self.fine_bodies.add((keyword.path, body))

    def stops_at(self, statement: Statement) -> bool:
        """Whether keepalived stops at `statement`, for what was found of it last."""
        return bool(self.found) and self.found[-1].statement is statement and self.found[-1].fatal

    def take(self, keyword: Keyword, statement: Statement, block: _Block) -> bool:
        """Whether keepalived takes what stands behind the keyword."""
        fault = explain(keyword.arguments or "", tuple([word.text for word in statement.words[1:]]))
        if fault is None and keyword.rest.get("refuses_ff") and _ends_in_ff(statement.words[-1]):
            fault = Fault("invalid", len(statement.words) - 2, Part("word", "bytes that end in another than FF"))
        if fault is None or (keyword.rest.get("loose") and fault.kind == "unknown"):
            return True
        # Of the words of the statement, the keyword is the first.
        self.fault(keyword, statement, Fault(fault.kind, fault.index + 1, fault.part), block)
        return False

    def values(self, keyword: Keyword, statement: Statement) -> None:
        """The lines of a block of values."""
        body = statement.body or []
        rest = keyword.rest
        if not body and "filled" in rest and not self.holes.within(statement):
            self.complain_close("empty", keyword, statement, effect=rest["filled"])
        if keyword.line is None or keyword.line == "WORD" or keyword.line == "NAME":
            return
        words = rest.get("words", {}) if self.version is not None else {}
        block = _Block("", keyword, statement, [], {})
        block.path = keyword.path
        for line in _lines(body):
            for word in line.words[1:] if words else ():
                if word.text in words and known(words[word.text], self.version) is False:
                    self.complain("new-word", word, line, block, keyword)
            if keyword.owner:
                continue
            texts = [word.text for word in line.words]
            if line.body is not None and not block.torn:
                block.torn = True
                self.complain("no-block", line.words[0], line, block, keyword)
            fault = explain(keyword.line, tuple(texts))
            if fault is not None:
                self.fault(keyword, line, fault, block)
                continue
            own = texts[: texts.index("nexthop")] if "nexthop" in texts else texts
            for wanted, effect in rest.get("wants", {}).items():
                if not any(text in wanted.split() for text in own):
                    self.complain("lacks", line.words[0], line, block, keyword, wanted=wanted, effect=effect)

    def fault(self, keyword: Keyword, statement: Statement, fault: Fault, block: _Block) -> None:
        words = statement.words
        if any(self.unknown in word.text for word in words):
            return
        kind = "unknown-word" if fault.kind == "unknown" else fault.kind
        if fault.kind != "missing":
            fatal = False
        elif block.statement is not None and keyword.path == block.path:
            fatal = bool(keyword.rest.get("stops"))
        else:
            fatal = keyword.fatal and fault.index == 1
        word = words[min(fault.index, len(words) - 1)]
        self.complain(
            kind,
            word,
            statement,
            block,
            keyword,
            fault=fault,
            wanted=fault.part.wanted,
            effect=keyword.effect(fault.kind, word.text),
            fatal=fatal,
        )

    def repeat(self, keyword: Keyword, statement: Statement, block: _Block) -> None:
        """Complain of a keyword that the block had before."""
        first = block.seen[keyword.name]
        word = first.argument()
        said = keyword.repeat in ("first", "replaces")
        if keyword.arguments is None or (said and word is not None and word.text == keyword.default):
            return  # a flag, or one that keepalived cannot tell from none
        self.complain("repeated" if said else "again", statement.words[0], statement, block, keyword, first=first)

    def is_second(self, keyword: Keyword, statement: Statement) -> bool:
        """Whether a block of this kind and name has been met, for which keepalived skips this one."""
        if not keyword.rest.get("unique") or len(statement.words) < 2:
            return False
        return self.named.setdefault((keyword.name, statement.words[1].text), statement) is not statement

    def close(self, keyword: Keyword, statement: Statement, seen: dict[str, Statement]) -> None:
        """What the block lacks."""
        for wanted, effect in keyword.rest.get("needs", {}).items():
            if not any(name in seen for name in wanted.split()) and not self.holes.within(statement):
                self.complain_close("lacks", keyword, statement, wanted=wanted, effect=effect)

    def complain_close(
        self, kind: str, keyword: Keyword, statement: Statement, *, wanted: str = "", effect: str = ""
    ) -> None:
        """Complain where keepalived does: at the brace that closes the block."""
        at = Place(statement.source, statement.body_end, statement.end) if statement.closed else statement.words[0]
        self.found.append(
            Complaint(kind, at, statement, block=keyword.block, keyword=keyword, wanted=wanted, effect=effect)
        )

    def complain(
        self,
        kind: str,
        at: Word,
        statement: Statement,
        block: _Block,
        keyword: Keyword | None = None,
        *,
        fault: Fault | None = None,
        wanted: str = "",
        effect: str = "",
        first: Statement | None = None,
        fatal: bool = False,
    ) -> None:
        self.found.append(
            Complaint(
                kind,
                at,
                statement,
                block=block.path,
                opened=block.statement,
                keyword=keyword,
                fault=fault,
                wanted=wanted,
                effect=effect,
                first=first,
                fatal=fatal,
            )
        )


def _lines(body: list[Statement]) -> Iterator[Statement]:
    """The lines of a block of values: also those behind a `{` in it, up to the first `}`, which ends it."""
    rest = iter(body)
    while (line := next(rest, None)) is not None:
        yield line
        if line.body is not None:
            rest = iter(line.body)


def _ends_in_ff(word: Word) -> bool:
    """Whether the last byte of hexadecimal digits is FF, by which keepalived 2.2.7 tells a mistake (measured)."""
    last = word.text.rstrip(" \t").rpartition(" ")[2]
    return len(last) % 2 == 0 and last[-2:].upper() == "FF"
