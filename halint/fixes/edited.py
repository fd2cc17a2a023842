"""Which parts of a file edits made into which, over several passes: the file need not be compared with what it was."""

from __future__ import annotations

from collections.abc import Iterable

from halint.finding import Edit
from halint.source import Source

#: What stood from `start` to `end`, and where that stands which is there instead. Between two spans nothing changed;
#: those of a list are in order, and do not touch.
Span = tuple[int, int, int, int]


class Edited(Source):
    """`origin` as edits left it. spans: from the text of `origin` to this one."""

    __slots__ = ("origin", "spans")

    def __init__(self, origin: Source, edits: Iterable[Edit]) -> None:
        """edits: they do not overlap; those at one place keep their order."""
        parts: list[str] = []
        spans: list[Span] = []
        at = length = 0
        for edit in sorted(edits, key=lambda edit: edit.start):
            parts += [origin.text[at : edit.start], edit.text]
            start = length + edit.start - at
            at, length = edit.end, start + len(edit.text)
            if spans and spans[-1][1] == edit.start:
                spans[-1] = (*spans[-1][:1], at, spans[-1][2], length)
            else:
                spans.append((edit.start, at, start, length))
        parts.append(origin.text[at:])
        super().__init__(origin.path, "".join(parts), format=origin.format, file=origin.file, mode=origin.mode)
        self.origin = origin
        self.spans = spans


def since(before: Source | None, after: Source) -> list[Span]:
    """The spans from the text of `before` to that of `after`; all of it, where no edits lead from one to the other."""
    passes: list[list[Span]] = []
    at = after
    while at is not before and isinstance(at, Edited):
        passes.append(at.spans)
        at = at.origin
    if at is not before:
        return [(0, len(before.text) if before else 0, 0, len(after.text))]
    found = passes.pop() if passes else []
    while passes:
        found = composed(found, passes.pop())
    return found


def composed(first: list[Span], second: list[Span]) -> list[Span]:
    """The spans over both steps: `first` leads to the text that `second` starts from."""
    found: list[Span] = []
    at = other = 0
    back = ahead = 0  # how far the text between the steps lies behind the first one, and the last one behind it
    while at < len(first) or other < len(second):
        start = min(span[place] for span, place in _next(first, at, 2) + _next(second, other, 0))
        end = start
        old, new = start - back, start + ahead
        grows = True
        while grows:
            grows = False
            while at < len(first) and first[at][2] <= end:
                end, back = max(end, first[at][3]), first[at][3] - first[at][1]
                at, grows = at + 1, True
            while other < len(second) and second[other][0] <= end:
                end, ahead = max(end, second[other][1]), second[other][3] - second[other][1]
                other, grows = other + 1, True
        found.append((old, end - back, new, end + ahead))
    return found


def _next(spans: list[Span], at: int, place: int) -> list[tuple[Span, int]]:
    return [(spans[at], place)] if at < len(spans) else []
