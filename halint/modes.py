"""Runs several lexers over one text, for formats in which a character means one thing here, another there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from halint.lexer import compiled
from halint.tree import Token


def scan(
    lexers: Mapping[str, str], switches: Mapping[tuple[str, str], str], text: str, mode: str = "file"
) -> Iterator[Token]:
    """The tokens of `text`, read by the lexer of the mode that holds where they start.

    lexers: the pattern by mode; each is total. switches: the mode after a token, by the mode and the token's
    kind, where it changes.
    """
    match, at, end = compiled(lexers[mode]).match, 0, len(text)
    while at < end:
        found = match(text, at)
        if found is None or found.end() == at:
            raise ValueError(f"the lexer of mode {mode} matches nothing at offset {at}")
        kind = found.lastgroup or ""
        yield Token(kind, at, found.end())
        at = found.end()
        following = switches.get((mode, kind))
        if following is not None:
            mode = following
            match = compiled(lexers[mode]).match
