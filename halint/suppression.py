"""Comments that silence findings: `halint: ignore[KA201] reason until=2027-01-31`.

    comment  = "halint:" "ignore" "[" selector { "," selector } "]" reason [ "until=" date ] ;
    selector = code | first characters of codes | name of a rule ;

In a comment behind a statement it is for that statement, on a line of its own for the next one; it is
honoured wherever a finding has a location there. The last day that counts is the date's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.finding import Edit, Finding
from halint.light import bisect_left
from halint.readers.lexer import compiled
from halint.rule import Rule
from halint.selection import means
from halint.tree import Statement, Token, Word

if TYPE_CHECKING:
    from datetime import date

    from halint.cluster import Cluster
    from halint.node import Node
    from halint.source import Source

_COMMENT = r"halint:[ \t]*ignore(?![\w-])(?:[ \t]*\[(?P<codes>[^\]]*)\])?(?P<rest>.*)"
_UNTIL = r"(?<![^ \t])until=([^ \t]*)"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


class Suppression:
    """One such comment, [start, end) of `source`.

    node: one of the nodes that have the file. nodes: the names of all of them.
    selectors: what stands between the brackets. lines: the first and last line that it is for.
    until: the date as written, or None. is_date: whether it is one. expired: whether that day is over; also
    where it is no date.
    used: the selectors that met a finding. undecided: those of a rule that could not judge.
    """

    __slots__ = (
        "end", "expired", "is_date", "lines", "node", "nodes", "own_line", "reason", "selectors", "source", "start",
        "undecided", "until", "used",
    )  # fmt: skip

    def __init__(
        self, node: Node, source: Source, span: tuple[int, int], lines: tuple[int, int], own_line: bool
    ) -> None:
        self.node = node
        self.nodes: tuple[str, ...] = (node.name,)
        self.source = source
        self.start, self.end = span
        self.lines = lines
        self.own_line = own_line
        self.selectors: list[Word] = []
        self.reason = ""
        self.until: str | None = None
        self.is_date = True
        self.expired = False
        self.used: set[str] = set()
        self.undecided: set[str] = set()

    def removal(self) -> Edit:
        """The edit that takes the comment away: with its line, or with the blanks before it."""
        source = self.source
        if self.own_line:
            return Edit(source, source.line_start(self.start), source.line_end(self.start), "")
        start = self.start
        while source.text[start - 1] in " \t":
            start -= 1
        return Edit(source, start, self.end, "")

    def brackets(self) -> Word:
        """What stands between the brackets."""
        return Word(self.source, self.selectors[0].start, self.selectors[-1].end)

    def covers(self, finding: Finding) -> bool:
        """Whether a location of `finding` is in what this comment is for."""
        first, last = self.lines
        return any(
            place.source is self.source and first <= self.source.position(place.start)[0] <= last
            for place in (finding.location, *finding.related)
        )


class SuppressionRule(Rule):
    """A rule about suppression comments: asked once the other rules ran, for only then it is known what was used."""

    ignorable = False

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        return iter(())

    def judge(self, suppression: Suppression) -> Iterator[Finding]:
        """Yield what is wrong with `suppression`."""
        raise NotImplementedError


class Suppressions:
    """The suppression comments of all files, and what they silence."""

    def __init__(self, nodes: list[Node], today: str | None = None) -> None:
        """today: the date to compare `until` with, as 2027-01-31; by default the machine's."""
        self.all: list[Suppression] = []
        self._by_source: dict[Source, list[Suppression]] = {}
        for node in nodes:
            for source in node.files.values():
                if source in self._by_source:
                    for known in self._by_source[source]:
                        if node.name not in known.nodes:
                            known.nodes += (node.name,)
                elif "halint:" in source.text and source.format != "text":
                    found = list(_read(node, source, today))
                    self._by_source[source] = found
                    self.all += found

    def named(self, rule: Rule) -> bool:
        """Whether some comment names `rule`."""
        return any(means(word.text, rule) for one in self.all for word in one.selectors)

    def silences(self, finding: Finding, rule: Rule) -> bool:
        """Whether a comment silences `finding`, which `rule` made; notes the comments as used."""
        silenced = False
        if not rule.ignorable:
            return False
        for source in {place.source for place in (finding.location, *finding.related)}:
            for one in self._by_source.get(source, ()):
                met = {word.text for word in one.selectors if means(word.text, rule)}
                if met and one.covers(finding):
                    one.used |= met
                    silenced = silenced or not one.expired
        return silenced

    def undecided(self, rule: Rule, nodes: list[Node]) -> None:
        """Note that `rule` could not judge `nodes`: whether a comment there is of use is unknown."""
        for node in nodes:
            for source in node.files.values():
                for one in self._by_source.get(source, ()):
                    one.undecided |= {word.text for word in one.selectors if means(word.text, rule)}


def _read(node: Node, source: Source, today: str | None) -> Iterator[Suppression]:
    """The suppression comments of one file, in order."""
    tree = node.tree(source)
    heads: list[Statement] | None = None
    for token in tree.tokens():
        if token.kind != "comment" or "halint:" not in source.text[token.start : token.end]:
            continue
        text = source.text[token.start : token.end]
        found = compiled(_COMMENT).search(text)
        if found is None:
            continue
        if heads is None:
            heads = sorted(tree.walk(), key=lambda statement: statement.start)
        span = _span(token, source.text)
        own_line = not source.text[source.line_start(span[0]) : span[0]].strip(" \t")
        suppression = Suppression(node, source, span, _lines(source, heads, span[0], own_line), own_line)
        if found["codes"] is not None:
            at = token.start + found.start("codes")
            for part in compiled(r"[^, \t]+").finditer(found["codes"]):
                suppression.selectors.append(Word(source, at + part.start(), at + part.end()))
        rest = found["rest"]
        until = compiled(_UNTIL).search(rest)
        if until is not None:
            suppression.until = until[1]
            last = _date(until[1])
            suppression.is_date = last is not None
            suppression.expired = last is None or last < (_date(today or "") or _today())
            rest = rest[: until.start()] + rest[until.end() :]
        suppression.reason = rest.strip(" \t:-")
        yield suppression


def _span(token: Token, text: str) -> tuple[int, int]:
    """The span of a comment; XML's is a token between those that open and close it."""
    start, end = token.start, token.end
    return (
        start - 4 if text.startswith("<!--", start - 4) and start >= 4 else start,
        end + 3 if text.startswith("-->", end) else end,
    )


def _lines(source: Source, heads: list[Statement], start: int, own_line: bool) -> tuple[int, int]:
    """The lines that a comment is for: those of a statement's own words, without its body."""
    line = source.position(start)[0]
    at = bisect_left(heads, start, key=lambda statement: statement.start)
    if own_line:
        if at == len(heads):
            return line, line
        following = heads[at]
        return source.position(following.start)[0], source.position(following.words[-1].end)[0]
    if at:
        preceding = heads[at - 1]
        if source.position(preceding.words[-1].end)[0] == line:
            return source.position(preceding.start)[0], line
    return line, line


def _date(text: str) -> date | None:
    """The date written as 2027-01-31, or None where `text` is none."""
    from datetime import date

    try:
        return date.fromisoformat(text) if compiled(_DATE).fullmatch(text) else None
    except ValueError:
        return None


def _today() -> date:
    from datetime import date

    return date.today()
