"""A source: one file's bytes, its text, and the way from an offset to a line and a column."""

from __future__ import annotations

from halint.light import bisect_right


class Source:
    """One file as it was read.

    path: as a CI log wants it, relative to the current directory where below it, `/` between parts.
    file: where it can be written back, or None (standard input, a member of an archive).
    text: the bytes decoded as utf-8 with `surrogateescape`, so that encoding it again gives the bytes.
    Offsets are code points of `text`, from 0; lines and columns count from 1, only LF ends a line.
    """

    __slots__ = ("_starts", "file", "format", "mode", "path", "text")

    def __init__(self, path: str, text: str, *, format: str, file: str | None = None, mode: int | None = None) -> None:
        self.path = path
        self.text = text
        self.format = format
        self.file = file
        self.mode = mode
        self._starts = [0]  # of the lines that were asked for, and of those before them

    @classmethod
    def of_bytes(
        cls, path: str, data: bytes, *, format: str, file: str | None = None, mode: int | None = None
    ) -> Source:
        return cls(path, data.decode("utf-8", "surrogateescape"), format=format, file=file, mode=mode)

    @property
    def data(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of `offset`."""
        starts = self._starts_to(offset)
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number`, without its line ending; empty beyond the last."""
        starts = self._starts_to(len(self.text))
        if number >= len(starts):
            return ""
        return self.text[starts[number - 1] : starts[number] - 1].removesuffix("\r")

    def line_start(self, offset: int) -> int:
        """Offset of the first character of the line that holds `offset`."""
        starts = self._starts_to(offset)
        return starts[bisect_right(starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Offset behind the line ending of the line that holds `offset`."""
        starts = self._starts_to(offset)
        return min(starts[bisect_right(starts, offset)], len(self.text))

    def _starts_to(self, offset: int) -> list[int]:
        """The first offsets of lines, at least up to the one behind that of `offset`; of the one behind the last line
        it is beyond the end of the text."""
        starts, text = self._starts, self.text
        offset = min(offset, len(text))
        while starts[-1] <= offset:
            starts.append(text.find("\n", starts[-1]) + 1 or len(text) + 1)
        return starts

    def __repr__(self) -> str:
        return f"Source({self.path!r})"


class Place:
    """A span of a source that is neither a word nor a statement: the brace that closes a block."""

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end
