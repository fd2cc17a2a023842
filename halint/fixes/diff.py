"""Changes as a unified diff that `git apply` takes, unless a secret had to be masked in it.

The edits that made a change say where its lines differ; only within a few lines are these compared with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from halint.fixer import Change
from halint.fixes import edited
from halint.fixes.edited import Span
from halint.light import bisect_right
from halint.readers.lexer import compiled
from halint.secrets import MASK, Masking
from halint.source import Source

_CONTEXT = 3

#: How many lines are compared with each other at most, which takes the square of their number.
_COMPARED = 200


def unified(changes: list[Change], masking: Masking) -> str:
    return "".join(line for change in changes for line in _file(change, masking))


def _file(change: Change, masking: Masking) -> Iterator[str]:
    before = _Side(change.before, masking)
    after = _Side(change.after, masking)
    hunks = []
    for group in _grouped(_changed(before, after, edited.since(change.before, change.after))):
        first, last = group[0], group[-1]
        lead = min(_CONTEXT, first[0])
        trail = min(_CONTEXT, len(before.lines) - last[1])
        old, new = first[0] - lead, first[2] - lead
        hunks.append(f"@@ -{_range(old, last[1] + trail)} +{_range(new, last[3] + trail)} @@\n")
        for start, end, new_start, new_end in group:
            hunks += [before.shown(" ", number) for number in range(old, start)]
            hunks += [before.shown("-", number) for number in range(start, end)]
            hunks += [after.shown("+", number) for number in range(new_start, new_end)]
            old = end
        hunks += [before.shown(" ", number) for number in range(old, old + trail)]
    if before.masked or after.masked:
        yield f"# {change.after.path}: {MASK} stands for a secret, so this cannot be applied; `halint fix` can\n"
    path = change.after.path.lstrip("/")
    yield f"--- a/{path}\n" if change.before else "--- /dev/null\n"
    yield f"+++ b/{path}\n"
    yield from hunks


class _Side:
    """The lines of a file before or after; only LF ends a line. masked: whether a shown one held a secret."""

    def __init__(self, source: Source | None, masking: Masking) -> None:
        self.text = source.text if source else ""
        self.lines = compiled(r"[^\n]*\n|[^\n]+").findall(self.text)
        self.masked = False
        self._source = source
        self._masking = masking
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))
        if self.lines and not self.text.endswith("\n"):
            self._starts.pop()

    def line_at(self, offset: int) -> int:
        """The number, from 0, of the line that `offset` is in; behind the last line ending, that of the next one."""
        return bisect_right(self._starts, offset) - 1

    def between(self, offset: int) -> bool:
        """Whether `offset` is at no line's middle."""
        return offset == len(self.text) or self._starts[self.line_at(offset)] == offset

    def shown(self, sign: str, number: int) -> str:
        assert self._source is not None
        line = self.lines[number]
        start = self._starts[number]
        masked = self._masking.part(self._source, start, start + len(line))
        self.masked = self.masked or masked != line
        return sign + masked + ("" if line.endswith("\n") else "\n\\ No newline at end of file\n")


def _changed(before: _Side, after: _Side, spans: list[Span]) -> Iterator[Span]:
    """The lines that differ, as spans of line numbers."""
    for start, end, new_start, new_end in _whole_lines(before, after, spans):
        while start < end and new_start < new_end and before.lines[start] == after.lines[new_start]:
            start, new_start = start + 1, new_start + 1
        while start < end and new_start < new_end and before.lines[end - 1] == after.lines[new_end - 1]:
            end, new_end = end - 1, new_end - 1
        if end - start + new_end - new_start > _COMPARED:
            yield start, end, new_start, new_end
            continue
        matcher = SequenceMatcher(None, before.lines[start:end], after.lines[new_start:new_end], autojunk=False)
        for kind, old, old_end, new, now in matcher.get_opcodes():
            if kind != "equal":
                yield start + old, start + old_end, new_start + new, new_start + now


def _whole_lines(before: _Side, after: _Side, spans: list[Span]) -> Iterator[Span]:
    """`spans` of characters as those of the lines that they are in; what shares a line is one."""
    held: Span | None = None
    for start, end, new_start, new_end in spans:
        # What follows a span is the same on both sides, so the rest of the line goes with it on both, or on none.
        rest = 0 if before.between(end) and after.between(new_end) else 1
        last = len(before.lines) if end == len(before.text) else before.line_at(end) + rest
        new_last = len(after.lines) if new_end == len(after.text) else after.line_at(new_end) + rest
        found = before.line_at(start), last, after.line_at(new_start), new_last
        if held is not None and (found[0] <= held[1] or found[2] <= held[3]):
            found = held[0], max(held[1], found[1]), held[2], max(held[3], found[3])
        elif held is not None:
            yield held
        held = found
    if held is not None:
        yield held


def _grouped(changed: Iterable[Span]) -> Iterator[list[Span]]:
    """Those that share their context."""
    group: list[Span] = []
    for span in changed:
        if group and span[0] - group[-1][1] > 2 * _CONTEXT:
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _range(start: int, end: int) -> str:
    """Lines [start, end), from 0, as a hunk names them."""
    if end - start == 1:
        return str(start + 1)
    return f"{start + 1 if end > start else start},{end - start}"
