"""Runs the compiled patterns of halint/patterns/ over a text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from halint.lazy import imported
from halint.light import cache
from halint.tree import Token

if TYPE_CHECKING:
    import re

#: What a program of `re` depends on: wheels hold those of the Python that built them.
PYTHON = (sys.implementation.name, sys.version_info[:3], sys.byteorder, sys.maxsize)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """`pattern`, made when it is first used: a hundred take as long to compile as the interpreter to start."""
    program = _programs().get(pattern)
    if program is None:
        import re

        return re.compile(pattern)
    flags, code, *rest = program
    made: re.Pattern[str] = imported("_sre").compile(pattern, flags, memoryview(code).cast("I").tolist(), *rest)
    return made


@cache
def _programs() -> dict[str, tuple[Any, ...]]:
    """What `re` makes of the patterns, of an installed wheel that this Python has built; nothing in a checkout."""
    try:
        bundle = imported("halint.bundled")
    except ModuleNotFoundError:
        return {}
    programs: dict[str, tuple[Any, ...]] = bundle.PROGRAMS
    return programs if bundle.PYTHON == PYTHON else {}


def unescaped(pattern: str, text: str) -> str:
    """`text` with the first group of `pattern` in place of all that it matches."""
    return compiled(pattern).sub(lambda match: match[1], text)


def may_hold(text: str, needle: str) -> bool:
    """Whether all letters of `needle` stand in `text`: that one does not is known in a tenth of a search's time."""
    return all(letter in text for letter in needle)


def occurrences(text: str, needle: str) -> Iterator[int]:
    """Where `needle` stands in `text`, without overlaps: many times as fast as a pattern that may begin anywhere."""
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))


def scan(pattern: str, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[Token]:
    """The tokens of [start, end) of `text` by a total lexer: each starts where the one before it ends."""
    for match in compiled(pattern).finditer(text, start, end):
        yield Token(match.lastgroup or "", match.start(), match.end())
