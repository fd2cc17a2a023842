"""Changes as a unified diff that `git apply` takes, unless a secret had to be masked in it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from halint.fixer import Change
from halint.lexer import compiled
from halint.secrets import MASK, Masking
from halint.source import Source

_CONTEXT = 3


def unified(changes: list[Change], masking: Masking) -> str:
    return "".join(line for change in changes for line in _file(change, masking))


def _file(change: Change, masking: Masking) -> Iterator[str]:
    before = _Side(change.before, masking)
    after = _Side(change.after, masking)
    hunks = []
    matcher = SequenceMatcher(None, before.lines, after.lines)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        (_, old, _, new, _), (_, _, old_end, _, new_end) = group[0], group[-1]
        hunks.append(f"@@ -{_range(old, old_end)} +{_range(new, new_end)} @@\n")
        for kind, from_, to, new_from, new_to in group:
            if kind == "equal":
                hunks += [before.shown(" ", number) for number in range(from_, to)]
            else:
                hunks += [before.shown("-", number) for number in range(from_, to)]
                hunks += [after.shown("+", number) for number in range(new_from, new_to)]
    if before.masked or after.masked:
        yield f"# {change.after.path}: {MASK} stands for a secret, so this cannot be applied; `halint fix` can\n"
    path = change.after.path.lstrip("/")
    yield f"--- a/{path}\n" if change.before else "--- /dev/null\n"
    yield f"+++ b/{path}\n"
    yield from hunks


class _Side:
    """The lines of a file before or after; only LF ends a line. masked: whether a shown one held a secret."""

    def __init__(self, source: Source | None, masking: Masking) -> None:
        text = source.text if source else ""
        self.lines = compiled(r"[^\n]*\n|[^\n]+").findall(text)
        self.masked = False
        self._source = source
        self._masking = masking
        self._starts = list(accumulate(map(len, self.lines), initial=0))

    def shown(self, sign: str, number: int) -> str:
        assert self._source is not None
        line = self.lines[number]
        start = self._starts[number]
        masked = self._masking.part(self._source, start, start + len(line))
        self.masked = self.masked or masked != line
        return sign + masked + ("" if line.endswith("\n") else "\n\\ No newline at end of file\n")


def _range(start: int, end: int) -> str:
    """Lines [start, end), from 0, as a hunk names them."""
    if end - start == 1:
        return str(start + 1)
    return f"{start + 1 if end > start else start},{end - start}"
