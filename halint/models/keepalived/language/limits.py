"""Lines that are longer than keepalived reads at once.

Source: keepalived v2.2.7 lib/parser.h (MAXBUF), lib/parser.c (read_line); measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from halint.readers.lexer import compiled
from halint.source import Place, Source

#: What keepalived reads of a line at once, in bytes; it takes what is behind for another line.
LONGEST = 1023

#: A line that may be too long. What begins with the newline is tried once a line.
_LONG = rf"[^\n]{{{LONGEST // 4},}}"
_LONG_BEHIND = "\n" + _LONG


def long_lines(sources: Iterable[Source]) -> Iterator[Place]:
    """The parts of lines that keepalived takes for lines of their own, where that makes a difference."""
    for source in sources:
        for begin, end in _long(source.text):
            data = source.text[begin:end].encode("utf-8", "surrogateescape")
            if len(data) <= LONGEST:
                continue
            start = begin + len(data[:LONGEST].decode("utf-8", "surrogateescape"))
            rest = source.text[start:end].strip(" \t\r")
            if rest and rest[0] not in "#!":
                yield Place(source, min(start, end - 1), end)


def _long(text: str) -> Iterator[tuple[int, int]]:
    """The lines that may be too long."""
    first = compiled(_LONG).match(text)
    if first is not None:
        yield first.span()
    for line in compiled(_LONG_BEHIND).finditer(text):
        yield line.start() + 1, line.end()
