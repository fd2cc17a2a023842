"""Where includes without a file leave holes: what holds one may hold more than is seen."""

from __future__ import annotations

from collections.abc import Iterable

from halint.light import bisect_left
from halint.source import Source
from halint.tree import Statement


class Holes:
    """The include statements that name no file of the input."""

    __slots__ = ("starts",)

    def __init__(self, includes: Iterable[Statement]) -> None:
        self.starts: dict[Source, list[int]] = {}
        for include in includes:
            self.starts.setdefault(include.source, []).append(include.start)
        for starts in self.starts.values():
            starts.sort()

    def within(self, statement: Statement) -> bool:
        """Whether one of them stands in `statement`."""
        starts = self.starts.get(statement.source)
        if starts is None:
            return False
        at = bisect_left(starts, statement.start)
        return at < len(starts) and starts[at] < statement.end
