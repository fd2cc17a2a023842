"""Code frames: the lines that a finding is about, of one or several files, with carets below its spans."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location
from halint.reporters.terminal import cell, printable
from halint.secrets import MASK, Masking
from halint.source import Source

#: Text and its style: what halint/reporters/colour.py knows. The empty style is plain.
Segment = tuple[str, str]

#: Columns of a line that are shown around a span.
WIDTH = 110


def frame(finding: Finding, masking: Masking) -> Iterator[Segment]:
    """The frame of `finding`: its own file first, then each other with a related place."""
    files: dict[Source, list[tuple[Location, bool]]] = {finding.location.source: [(finding.location, True)]}
    for place in finding.related:
        files.setdefault(place.source, []).append((place, False))
    last = max(source.position(place.start)[0] for source, places in files.items() for place, _ in places)
    gutter = " " * len(str(last))
    for number, (source, places) in enumerate(files.items()):
        first = places[0][0]
        line, column = source.position(first.start)
        nodes = f" ({', '.join(first.nodes)})" if len(first.nodes) > 1 else ""
        arrow = "-->" if number == 0 else ":::"
        yield f"{gutter}{arrow} ", "gutter"
        yield f"{printable(source.path)}:{line}:{column}{nodes}\n", ""
        yield f"{gutter} |\n", "gutter"
        yield from _lines(source, places, gutter, masking)
    yield f"{gutter} |\n", "gutter"


def _lines(source: Source, places: list[tuple[Location, bool]], gutter: str, masking: Masking) -> Iterator[Segment]:
    by_line: dict[int, list[tuple[Location, bool]]] = {}
    for place, primary in places:
        by_line.setdefault(source.position(place.start)[0], []).append((place, primary))
    before = 0
    for line, here in sorted(by_line.items()):
        if before and line > before + 1:
            yield f"{gutter} ...\n", "gutter"
        before = line
        here.sort(key=lambda found: (found[0].start, not found[1]))
        shown = _Line(source, here[0][0], masking)
        yield f"{line:>{len(gutter)}} | ", "gutter"
        yield shown.text.rstrip(" ") + "\n", ""
        marked: set[tuple[int, int, str]] = set()
        for place, primary in here:
            if (place.start, place.end, place.label) in marked:
                continue
            marked.add((place.start, place.end, place.label))
            left, right = shown.columns(place)
            yield f"{gutter} | ", "gutter"
            label = " " + printable(masking.prose(place.label, [source])) if place.label else ""
            yield (
                " " * left + ("^" if primary else "-") * (right - left) + label + "\n",
                "primary" if primary else "related",
            )


class _Line:
    """A line as it is shown: cropped around a place, tabs expanded, secrets masked."""

    def __init__(self, source: Source, around: Location, masking: Masking) -> None:
        start = source.line_start(around.start)
        text = source.text
        low = max(start, around.start - WIDTH // 2) if around.start - start > WIDTH * 3 // 4 else start
        high = text.find("\n", around.start, low + WIDTH)
        cropped = high < 0 and low + WIDTH < len(text)
        high = min(low + WIDTH, len(text)) if high < 0 else high
        hidden = masking.spans_in(source, low, high)
        self._low = low
        self._columns: list[int] = []
        parts: list[str] = []
        column = 0
        if low > start:
            parts.append("…")
            column = 1
        for offset in range(low, high):
            self._columns.append(column)
            span = next((s for s in hidden if s[0] <= offset < s[1]), None)
            if span is None:
                shown, width = ("", 0) if text[offset] == "\r" and offset + 1 == high else cell(text[offset], column)
            else:
                shown, width = (MASK, len(MASK)) if offset in (span[0], low) else ("", 0)
            parts.append(shown)
            column += width
        self._columns.append(column)
        if cropped:
            parts.append("…")
        self.text = "".join(parts)

    def columns(self, place: Location) -> tuple[int, int]:
        """The columns, from 0, below which `place` is marked: at least one."""
        last = len(self._columns) - 1
        left = self._columns[min(max(place.start - self._low, 0), last)]
        right = self._columns[min(max(place.end - self._low, 0), last)]
        return left, max(right, left + 1)
