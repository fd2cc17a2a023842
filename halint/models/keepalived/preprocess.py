"""What keepalived does to its file before it looks at a keyword: includes, conditionals, definitions, sequences.

Source: keepalived.conf(5), "Include files", "Parameter substitution", "Sequences", "Conditional configuration";
keepalived v2.2.7 lib/parser.c.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from halint import globs
from halint.finding import Located
from halint.light import bisect_left
from halint.readers.lexer import compiled, occurrences
from halint.source import Place, Source
from halint.tree import Statement, SyntaxProblem, Tree, Word

if TYPE_CHECKING:
    import re

#: include and its variants, which differ only in what keepalived says of a path that matches nothing.
INCLUDES = frozenset({"include", "includer", "includem", "includew", "includeb", "includea"})

_MAX_STATEMENTS = 200_000

#: All that definitions and sequences may grow to, in characters: they can nest.
_MAX_EXPANSION = 10_000_000

#: What stands in a statement, or in a block, that is not taken as it is written.
_MARKS = ("$", "@", "~", "include")

#: `${NAME}` anywhere, `$NAME` only at the end of a word (measured).
_NAME = r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+)(?![^ \t\r\n]))"
#: Only where a line begins with it (measured).
_SEQUENCE = r"[ \t]*~(SEQx?|LST)\(([^()]*)\)[ \t]*"
_ALMOST_SEQUENCE = r"[ \t]*~(?:SEQx?|LST)\("


#: The definitions that keepalived brings along, since version 2.2.7 at the latest (measured).
_STANDARD = ("_PWD", "_INSTANCE", "_RANDOM", "_HASH", "_BANG")


class Undefined:
    """A `${NAME}` outside of quotes for which no line above it defines NAME: keepalived leaves it as it is, and takes
    its braces for those of blocks (measured).

    at: where. end: of the outermost block around it.
    """

    __slots__ = ("at", "end", "name")

    def __init__(self, name: str, at: Located, end: int) -> None:
        self.name = name
        self.at = at
        self.end = end

    @property
    def standard(self) -> bool:
        """Whether it looks like one of those that keepalived brings along."""
        return self.name.startswith("_")

    @property
    def known(self) -> bool:
        """Whether keepalived 2.2.7 brings it along."""
        return self.name.partition(" ")[0] in _STANDARD

    def outside(self, others: Iterable[Undefined]) -> list[Undefined]:
        """Those of `others` that stand in another block than this one."""
        return [other for other in others if (other.at.source, other.end) != (self.at.source, self.end)]


class Preprocessed:
    """The statements that remain, and what could not be resolved.

    sources: every file read, in order. missing: include statements that name no file of the node.
    foreign: there are `@NAME` lines, and all of them are for other nodes. malformed: sequences that are none.
    """

    __slots__ = ("foreign", "malformed", "missing", "problems", "sources", "statements", "undefined")

    def __init__(self) -> None:
        self.foreign = False
        self.statements: list[Statement] = []
        self.sources: list[Source] = []
        self.missing: list[Statement] = []
        self.malformed: list[Statement] = []
        self.undefined: list[Undefined] = []
        self.problems: list[SyntaxProblem] = []


def preprocess(
    main: Source,
    path: str,
    *,
    files: dict[str, Source],
    read: Callable[[Source], Tree],
    is_this_node: Callable[[str], bool],
) -> Preprocessed:
    """Expand `main`, which stands at `path` on the node.

    files: the node's files by path, for includes. is_this_node: whether `@NAME` means this node.
    """
    if not any(mark in main.text for mark in _MARKS):
        tree, found = read(main), Preprocessed()
        found.statements, found.problems, found.sources = tree.statements, list(tree.problems), [main]
        return found
    return _Preprocessor(files, read, is_this_node).run(main, path)


class _Preprocessor:
    def __init__(
        self, files: dict[str, Source], read: Callable[[Source], Tree], is_this_node: Callable[[str], bool]
    ) -> None:
        self.files = files
        self.read = read
        self.is_this_node = is_this_node
        self.definitions: dict[str, str] = {}
        self.found = Preprocessed()
        self.open: list[str] = []
        self.count = 0
        self.room = _MAX_EXPANSION
        self.named = False
        self.marks: dict[Source, list[int]] = {}

    def run(self, main: Source, path: str) -> Preprocessed:
        # A frame is a body being expanded: what is left of it, where it goes, and the file it opened, if any.
        frames: list[tuple[Iterator[Statement], list[Statement], str | None]] = []
        self.enter(main, path, self.found.statements, frames)
        while frames:
            rest, into, file = frames[-1]
            statement = next(rest, None)
            if statement is None:
                frames.pop()
                if file is not None:
                    self.open.remove(file)
                continue
            if not self.marked(statement):
                self.count += 1
                into.append(statement)
                continue
            for expanded in self.expand(statement):
                self.count += 1
                if self.count > _MAX_STATEMENTS:
                    self.problem(statement, f"expected at most {_MAX_STATEMENTS} statements after expansion")
                    return self.found
                if expanded.keyword in INCLUDES and len(expanded.words) > 1:
                    self.include(expanded, into, frames)
                    continue
                into.append(expanded)
                if expanded.body:
                    body: list[Statement] = []
                    frames.append((iter(expanded.body), body, None))
                    expanded.body = body
        return self.found

    def enter(
        self,
        source: Source,
        path: str,
        into: list[Statement],
        frames: list[tuple[Iterator[Statement], list[Statement], str | None]],
    ) -> None:
        tree = self.read(source)
        if source not in self.found.sources:
            self.found.sources.append(source)
            self.found.problems += tree.problems
        self.open.append(path)
        frames.append((iter(tree.statements), into, path))

    def include(
        self,
        statement: Statement,
        into: list[Statement],
        frames: list[tuple[Iterator[Statement], list[Statement], str | None]],
    ) -> None:
        """Read the files that the path of an include matches, relative to the file that it stands in."""
        here = next(path for path in reversed(self.open) if path)
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(here), statement.words[1].text))
        matches = self.matching(wanted)
        self.count += len(matches)  # files that include each other by a glob are read in every order
        if not matches:
            self.found.missing.append(statement)
        for path in reversed(matches):
            if path in self.open:
                self.problem(statement, f"expected no include of {path} from within itself")
            else:
                self.enter(self.files[path], path, into, frames)

    def matching(self, wanted: str) -> list[str]:
        if not compiled(r"[*?\[{]").search(wanted):
            return [wanted] if wanted in self.files else []
        depth = wanted.count("/")
        hidden = "/." in wanted
        return sorted(
            p for p in self.files if p.count("/") == depth and globs.matches(wanted, p) and (hidden or "/." not in p)
        )

    def marked(self, statement: Statement) -> bool:
        """Whether there is anything to expand between the ends of `statement`."""
        source = statement.source
        marks = self.marks.get(source)
        if marks is None:
            found = (at for mark in _MARKS for at in occurrences(source.text, mark))
            marks = self.marks[source] = sorted(found)
        at = bisect_left(marks, statement.start)
        return at < len(marks) and marks[at] < statement.end

    def expand(self, statement: Statement) -> list[Statement]:
        """`statement` as keepalived goes on with it: none (a definition, another node's), itself, or several."""
        words = statement.words
        first = words[0]
        if first.text.startswith("@"):
            if len(words) == 1:
                return []  # a condition without a line
            name = first.text[1:]
            here = self.is_this_node(name.removeprefix("^"))
            self.named = self.named or here
            self.found.foreign = not self.named
            if here == name.startswith("^"):
                return []
            words = words[1:]
            first = words[0]
        if first.raw.startswith("$") and first.raw.endswith("="):
            text = statement.source.text[first.end : statement.end]
            self.definitions[first.raw[1:-1]] = compiled(r"\\\r?\n[ \t]*").sub("\n", text).strip(" \t\r\n")
            return []
        if statement.body is not None and first.text.startswith("~LST(") and ")" not in first.text:
            return [_copy(statement, words)]  # a list of lists, which later versions know
        if not any("$" in word.text or "~" in word.text for word in words):
            return [_copy(statement, words)]
        return self.substitute(statement, words)

    def substitute(self, statement: Statement, words: list[Word]) -> list[Statement]:
        source = statement.source
        text = source.text[words[0].start : words[-1].end]
        lines = [text]
        for _ in range(8):  # definitions may use definitions; keepalived refuses deeper nesting
            try:
                expanded = [compiled(_NAME).sub(self.definition, new) for line in lines for new in self.sequence(line)]
            except _TooLong:
                self.problem(statement, f"expected at most {_MAX_EXPANSION} characters after expansion")
                return []
            except _NoSequence:
                self.found.malformed.append(statement)
                return []
            if expanded == lines:
                break
            lines = expanded
        if lines == [text]:
            self.leave(statement, words)
            return [_copy(statement, words)]
        scratch = self.read(Source(source.path, "\n".join(lines) + "\n", format=source.format))
        if any("${" in line for line in lines):
            self.leave(statement, [word for inner in _all(scratch.statements) for word in inner.words], words)
        result = _placed(scratch.statements, source, words[0].start, words[-1].end)
        if statement.body is not None and result:
            head = result[-1]
            result[-1] = _copy(statement, head.words)
        return result

    def leave(self, statement: Statement, words: list[Word], written: list[Word] | None = None) -> None:
        """Note what remains undefined in `words`, which come from those `written` in `statement`."""
        if words[0].text in INCLUDES:
            return
        whole = statement
        while whole.parent is not None:
            whole = whole.parent
        for word in words:
            for use in compiled(r"\$\{([^{}\r\n]*)\}").finditer("" if word.raw.startswith('"') else word.raw):
                at = Place(statement.source, written[0].start, written[-1].end) if written else word
                self.found.undefined.append(Undefined(use[1], at, whole.end))

    def definition(self, use: re.Match[str]) -> str:
        value = self.definitions.get(use[1] or use[2], use[0])
        self.take(len(value))
        return value

    def sequence(self, line: str) -> Iterator[str]:
        """`~SEQ(v, [start, [step,]] end) text` or `~LST(v, a, b...) text` as one line for each value of ${v}; SEQx
        counts in hexadecimal digits. Raises _NoSequence where keepalived takes it for none."""
        found = compiled(_SEQUENCE).match(line)
        if found is None:
            if compiled(_ALMOST_SEQUENCE).match(line):
                raise _NoSequence
            yield line
            return
        name, *listed = (part.strip(" \t") for part in found[2].split(","))
        if not listed or (not name and found[1] != "LST"):
            raise _NoSequence
        rest = line[found.end() :]
        shape = "x" if found[1] == "SEQx" else "d"
        values = listed if found[1] == "LST" else (format(number, shape) for number in _numbers(listed))
        for value in values:
            self.take(len(rest) + 1)
            yield rest.replace("${" + name + "}", value)

    def take(self, characters: int) -> None:
        self.room -= characters
        if self.room < 0:
            raise _TooLong

    def problem(self, statement: Statement, message: str) -> None:
        self.found.problems.append(SyntaxProblem(statement.source, statement.start, statement.end, message))


class _TooLong(Exception):
    """Definitions and sequences grow beyond _MAX_EXPANSION."""


class _NoSequence(Exception):
    """What begins like a sequence is none."""


def _numbers(parameters: list[str]) -> range:
    """What `~SEQ` counts through: from 1 unless told otherwise, to the last parameter. Raises _NoSequence where a
    parameter is no number, or the step does not lead to the end."""
    try:
        start, *step, end = [int(parameter, 0) for parameter in (["1"] if len(parameters) == 1 else []) + parameters]
    except ValueError:
        raise _NoSequence from None
    by = step[0] if step else (1 if end >= start else -1)
    if len(step) > 1 or not by or (end - start) * by < 0:
        raise _NoSequence
    return range(start, end + (1 if by > 0 else -1), by)


def _all(statements: list[Statement]) -> Iterator[Statement]:
    """`statements` and all within them."""
    todo = statements[::-1]
    while todo:
        statement = todo.pop()
        yield statement
        todo += (statement.body or ())[::-1]


def _placed(statements: list[Statement], source: Source, start: int, end: int) -> list[Statement]:
    """Copies of `statements` that stand, every word of them, at [start, end) of `source`."""
    placed: list[Statement] = []
    pending: list[tuple[list[Statement], list[Statement], Statement | None]] = [(statements, placed, None)]
    while pending:
        originals, into, parent = pending.pop()
        for original in originals:
            copy = Statement([Word(source, start, end, word.text) for word in original.words], parent)
            copy.closed = original.closed
            if original.body is not None:
                copy.body, copy.body_start, copy.body_end = [], end, end
                pending.append((original.body, copy.body, copy))
            into.append(copy)
    return placed


def _copy(statement: Statement, words: list[Word]) -> Statement:
    """`statement` with `words` instead of its own; its body, still to be expanded, is shared."""
    copy = Statement(words, statement.parent)
    copy.start, copy.end, copy.closed = statement.start, statement.end, statement.closed
    copy.body, copy.body_start, copy.body_end = statement.body, statement.body_start, statement.body_end
    return copy
