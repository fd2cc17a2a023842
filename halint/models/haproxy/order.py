"""In which order haproxy goes through the rules of a proxy, whatever order they are written in, and which of them it
never comes to.

Sources: warnif_misplaced_* and the checks of final rules in cfgparse-listen.c; measured on 2.6.12 and 2.8.25.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.tree import Statement

if TYPE_CHECKING:
    from halint.models.haproxy import Proxy

#: The phases in order. `tcp-request` and `monitor` lines are told apart by their second word.
PHASES = (
    "tcp-request connection", "tcp-request session", "tcp-request content", "monitor fail", "http-request", "redirect",
    "use_backend", "use-server",
)  # fmt: skip

#: The keywords of their lines.
KEYWORDS = frozenset(phase.partition(" ")[0] for phase in PHASES)

#: The actions behind which no rule of the same list is reached.
_FINAL = {
    "http-request": frozenset({"allow", "auth", "deny", "redirect", "return", "tarpit"}),
    "http-response": frozenset({"allow", "deny", "redirect", "return"}),
    "http-after-response": frozenset({"allow"}),
}
#: The keywords of the lines that end such a list, or are in it.
LISTS = (*_FINAL, "stats")
_CONDITION = r"[ \t](?:if|unless)[ \t]"


class Misplaced:
    """A rule that haproxy comes to before others that are written above it. phase: its own. line: the first such line.
    more: how many of its phase follow. later: the phase that is written above. above: the first line of it."""

    __slots__ = ("above", "later", "line", "more", "phase")

    def __init__(self, phase: str, line: Statement, more: int, later: str, above: Statement) -> None:
        self.phase = phase
        self.line = line
        self.more = more
        self.later = later
        self.above = above


def misplaced(proxy: Proxy) -> Iterator[Misplaced]:
    """The misplaced rules of `proxy`: for each phase the first, against the next phase that is written above it."""
    if len(proxy.keywords & KEYWORDS) < 2 and "tcp-request" not in proxy.keywords:
        return
    lines = {phase: list(_lines(proxy, phase)) for phase in PHASES}
    there = [phase for phase in PHASES if lines[phase]]
    for number, phase in enumerate(there):
        for later in there[number + 1 :]:
            first = lines[later][0]
            if lines[phase][-1].start > first.start:
                behind = [line for line in lines[phase] if line.start > first.start]
                yield Misplaced(phase, behind[0], len(behind) - 1, later, first)
                break


def _lines(proxy: Proxy, phase: str) -> Iterator[Statement]:
    keyword, _, second = phase.partition(" ")
    if keyword not in proxy.keywords:
        return
    for statement in proxy.keyword(keyword):
        word = statement.argument() if second else None
        if proxy.is_certain(statement) and (word is None or word.text == second):
            yield statement


def unreached(proxy: Proxy) -> Iterator[tuple[Statement, Statement]]:
    """The first rule of each list that haproxy never comes to, and the rule that ends the list before it."""
    for keyword, final in _FINAL.items():
        for ending, line in _pairs(proxy, keyword):
            action = ending.argument()
            if action is not None and action.text in final and not isinstance(action, VariableWord):
                yield line, ending
                break
    rules = [s for s in proxy.keyword("stats") if (word := s.argument()) and word.text == "http-request"]
    for ending, line in pairwise(rules):
        if unconditional(proxy, ending) and proxy.is_certain(line):
            yield line, ending
            break


def _pairs(proxy: Proxy, keyword: str) -> Iterator[tuple[Statement, Statement]]:
    for ending, line in pairwise(proxy.keyword(keyword)):
        if unconditional(proxy, ending) and proxy.is_certain(line):
            yield ending, line


def unconditional(proxy: Proxy, line: Statement) -> bool:
    """Whether `line` is there, and its rule holds, whatever comes. Of a line that haproxy refuses nobody knows: what is
    misspelt in it may be the `if`."""
    text = line.source.text
    if compiled(_CONDITION).search(text, line.start, line.end) or not (proxy.is_certain(line) and proxy.takes(line)):
        return False
    return '"' not in text[line.start : line.end] or not any(isinstance(word, VariableWord) for word in line.words)


def overruled(proxy: Proxy) -> tuple[Statement, Statement] | None:
    """The first `use_backend` or `default_backend` that haproxy never comes to, and the `use_backend` without a
    condition above it. One whose name is made per request may find nothing, and does not count."""
    rules = proxy.keyword("use_backend")
    for number, rule in enumerate(rules):
        name = rule.argument()
        if name is None or "%" in name.text or not unconditional(proxy, rule):
            continue
        own = proxy.keyword("default_backend")[-1:]
        others = [other for other in own if (word := other.argument()) and word.text != name.text]
        behind = [line for line in [*rules[number + 1 :], *others] if proxy.is_certain(line)]
        return (behind[0], rule) if behind else None
    return None
