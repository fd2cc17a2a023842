"""Runs the compiled patterns of halint/patterns/ over a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from halint.tree import Token

#: A pattern of halint/patterns/, compiled when it is first used.
compiled: Callable[[str], re.Pattern[str]] = cache(re.compile)


def scan(pattern: str, text: str) -> Iterator[Token]:
    """The tokens of `text` by a total lexer: each starts where the one before it ends."""
    for match in compiled(pattern).finditer(text):
        yield Token(match.lastgroup or "", match.start(), match.end())
