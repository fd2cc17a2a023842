"""Where a daemon takes what follows a mistake for something else than it is."""

from __future__ import annotations

from halint.finding import Location
from halint.node import Node
from halint.readers.lexer import compiled
from halint.source import Place, Source


def misread(node: Node, source: Source, start: int, end: int) -> list[Location]:
    """The lines behind the one of `start`, up to `end`, as a related location; none where there are none."""
    first = compiled(r"[ \t\r\n]*").match(source.text, source.line_end(start))
    at = first.end() if first else end
    if at >= end:
        return []
    return [Location(node, Place(source, at, end), f"misread, up to line {source.position(end - 1)[0]}")]
