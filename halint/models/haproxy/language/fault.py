"""What is wrong in the words of a line, before there is a Word for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.models.haproxy.language.scope import Cure, Scope
    from halint.tree import Word

#: The indexes of the words whose text depends on the environment.
NO_VARIABLES: frozenset[int] = frozenset()


class Fault:
    """A complaint to be: its kind, the index of its word, what haproxy does and what to do; where in the text of the
    word it is, or -1 for all of it; and whether haproxy refuses to start."""

    __slots__ = ("cure", "effect", "end", "fatal", "index", "kind", "start")

    def __init__(
        self, kind: str, index: int, effect: str, cure: Cure, *, start: int = -1, end: int = -1, fatal: bool = True
    ) -> None:
        self.kind = kind
        self.index = index
        self.effect = effect
        self.cure = cure
        self.start = start
        self.end = end
        self.fatal = fatal


def report(faults: list[Fault], words: list[Word], scope: Scope) -> None:
    """Complain into `scope` of the `faults` in the line of `words`."""
    for fault in faults:
        word = words[fault.index]
        if fault.start >= 0:
            word = part(word, fault.start, fault.end)
        scope.complain(fault.kind, word, fault.effect, fault.cure, fatal=fault.fatal)


def part(word: Word, start: int, end: int) -> Word:
    """The characters [start, end) of the text of `word`, or all of it where it is written in another way."""
    raw, text = word.raw, word.text
    if start >= len(text):
        return word
    end = max(end, start + 1)
    if raw == text:
        return word.part(start, end)
    if len(raw) == len(text) + 2 and raw[1:-1] == text:  # in quotes
        return word.part(start + 1, end + 1)
    return word
