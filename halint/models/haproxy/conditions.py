"""What `.if`, `.elif`, `.else` and `.endif` leave of haproxy.cfg (readcfgfile, cfgcond.c; haproxy 2.4 and later).

A condition is known where it is made of numbers, comparisons of fixed strings and versions. The environment and
the build of the node's haproxy are not: what depends on them may be there or not.
"""

from __future__ import annotations

from halint.readers.lexer import compiled
from halint.tree import Statement, Tree, Word

_TERM = (
    r"[ \t]*(?:(?P<operator>&&|\|\||[!()])"
    r"|(?P<number>[+-]?(?:0x[0-9A-Fa-f]+|[0-9]+))"
    r"|(?P<predicate>[a-z_]+)\((?P<arguments>[^()]*)\))"
)


class Section:
    """A section with what is read of its body. certain: whether it is there whatever the conditions are."""

    __slots__ = ("body", "certain", "statement")

    def __init__(self, statement: Statement, body: list[Statement], certain: bool = True) -> None:
        self.statement = statement
        self.body = body
        self.certain = certain

    @property
    def word(self) -> Word | None:
        """The name of the section."""
        return self.statement.argument()

    @property
    def name(self) -> str:
        """ "" where the section has no name."""
        word = self.word
        return "" if word is None else word.text


def sections(tree: Tree, version: tuple[int, ...] | None) -> tuple[list[Section], set[Statement], list[Statement]]:
    """The sections that haproxy of `version` reads of `tree`, the statements of them that may not be there, and the
    directives whose arguments it reads for certain."""
    if ".if" not in tree.source.text:
        return [Section(statement, statement.body or []) for statement in tree.statements], set(), []
    kept: list[Section] = []
    doubtful: set[Statement] = set()
    conditions = _Conditions(version)
    for statement in tree.statements:
        state = conditions.state
        if state is not False:
            kept.append(Section(statement, [], state is True))
        # Behind a header that is not read, the body goes on with the section before it.
        section = kept[-1] if kept else None
        for line in statement.body or ():
            if conditions.directive(line) or section is None or conditions.state is False:
                continue
            section.body.append(line)
            if conditions.state is None or state is None:
                doubtful.add(line)
    return kept, doubtful, conditions.read


class _Conditions:
    """state: whether the lines here are read. open: of each open `.if`, whether one of its branches was read, and
    whether what is around it is. read: the directives so far whose arguments are read for certain."""

    def __init__(self, version: tuple[int, ...] | None) -> None:
        self.version = version
        self.open: list[tuple[bool | None, bool | None]] = []
        self.state: bool | None = True
        self.read: list[Statement] = []

    def directive(self, line: Statement) -> bool:
        """Whether `line` is a directive; then what it says holds from now on."""
        keyword = line.keyword
        if keyword[:1] != ".":
            return False
        if keyword == ".if":
            if self.state is True:
                self.read.append(line)
            found = evaluate(_text(line), self.version)
            self.open.append((found, self.state))
            self.state = _and(self.state, found)
        elif keyword in {".elif", ".else"} and self.open:
            before, around = self.open.pop()
            if keyword == ".else" or (before is False and around is True):
                self.read.append(line)
            found = evaluate(_text(line), self.version) if keyword == ".elif" else True
            self.open.append((_or(before, found), around))
            self.state = _and(around, _and(_not(before), found))
        elif keyword == ".endif" and self.open:
            _, self.state = self.open.pop()
            self.read.append(line)
        return True


def evaluate(text: str, version: tuple[int, ...] | None) -> bool | None:
    """Whether the condition `text` holds for haproxy `version`; None where that is unknown. Empty is false."""
    if not text.strip(" \t"):
        return False
    # Of each open parenthesis: the alternatives so far, the conjunction so far, and whether it is negated.
    outer: list[tuple[bool | None, bool | None, bool]] = []
    either: bool | None = False
    both: bool | None = True
    negated = False
    at = 0
    text = text.rstrip(" \t")
    while at < len(text):
        term = compiled(_TERM).match(text, at)
        if term is None:
            return None
        at = term.end()
        operator = term["operator"]
        if operator == "!":
            negated = not negated
            continue
        if operator == "(":
            outer.append((either, both, negated))
            either, both, negated = False, True, False
            continue
        if operator == "&&":
            continue
        if operator == "||":
            either, both = _or(either, both), True
            continue
        if operator == ")":
            if not outer:
                return None
            value = _or(either, both)
            either, both, negated = outer.pop()
        elif term["number"]:
            value = bool(int(term["number"], 0) if "x" in term["number"] else int(term["number"]))
        else:
            value = _predicate(term["predicate"], term["arguments"], version)
        both = _and(both, _not(value) if negated else value)
        negated = False
    return _or(either, both)


def _text(line: Statement) -> str:
    return " ".join(word.text for word in line.arguments)


def _predicate(name: str, arguments: str, version: tuple[int, ...] | None) -> bool | None:
    if "$" in arguments:
        return None
    if name in {"streq", "strneq"}:
        left, _, right = arguments.partition(",")
        return (left == right) == (name == "streq")
    if name in {"version_atleast", "version_before"} and version is not None:
        asked = compiled(r"[0-9]{1,5}(?:\.[0-9]{1,5})*").match(arguments)
        if asked is None:
            return None
        wanted = tuple(int(part) for part in asked.group().split("."))
        if len(version) < len(wanted) and version == wanted[: len(version)] and any(wanted[len(version) :]):
            return None  # the target says 2.6, the condition 2.6.3
        width = max(len(version), len(wanted))
        reached = _padded(version, width) >= _padded(wanted, width)
        return reached == (name == "version_atleast")
    return None


def _padded(version: tuple[int, ...], width: int) -> tuple[int, ...]:
    return version + (0,) * (width - len(version))


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    return _not(_and(_not(left), _not(right)))
