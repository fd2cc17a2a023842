"""Runs several lexers over one text, for formats in which a character means one thing here, another there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from halint.readers.lexer import compiled
from halint.tree import Token


def scan(
    lexers: Mapping[str, str],
    switches: Mapping[tuple[str, str], str],
    text: str,
    mode: str = "file",
    start: int = 0,
    refined: Callable[[str, Token], str] | None = None,
) -> Iterator[Token]:
    """The tokens of `text` from `start` on, read by the lexer of the mode that holds where they start.

    lexers: the pattern by mode; each is total. switches: the mode after a token, by the mode and the token's
    kind, where it changes. refined: the kind of a token of `text`, where its lexer tells too little: a pattern of fifty
    keywords takes longer to compile than a file to read.
    """
    match, at, end = compiled(lexers[mode]).match, start, len(text)
    while at < end:
        found = match(text, at)
        if found is None or found.end() == at:
            raise ValueError(f"the lexer of mode {mode} matches nothing at offset {at}")
        kind = found.lastgroup or ""
        token = Token(kind, at, found.end())
        if refined is not None:
            kind = token.kind = refined(text, token)
        yield token
        at = token.end
        following = switches.get((mode, kind))
        if following is not None:
            mode = following
            match = compiled(lexers[mode]).match
