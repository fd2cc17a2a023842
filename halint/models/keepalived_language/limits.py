"""Lines that are longer than keepalived reads at once.

Source: keepalived v2.2.7 lib/parser.h (MAXBUF), lib/parser.c (read_line); measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from halint.lexer import compiled
from halint.models.keepalived_language.complaint import Place
from halint.source import Source

#: What keepalived reads of a line at once, in bytes; it takes what is behind for another line.
LONGEST = 1023


def long_lines(sources: Iterable[Source]) -> Iterator[Place]:
    """The parts of lines that keepalived takes for lines of their own, where that makes a difference."""
    for source in sources:
        for line in compiled(rf"[^\n]{{{LONGEST // 4},}}").finditer(source.text):
            data = line[0].encode("utf-8", "surrogateescape")
            if len(data) <= LONGEST:
                continue
            start = line.start() + len(data[:LONGEST].decode("utf-8", "surrogateescape"))
            rest = source.text[start : line.end()].strip(" \t\r")
            if rest and rest[0] not in "#!":
                yield Place(source, min(start, line.end() - 1), line.end())
