"""The known word that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

#: What is longer than any known word resembles none, and would take for ever to compare.
_LONGEST = 64
#: A file may define thousands of names; to compare with each of so many takes seconds.
_MOST = 1000


class Nearest:
    """Finds known words that look like an unknown one, as long as its patience lasts: comparing takes a millisecond,
    and who reads the first fifty findings will correct the others by himself (haproxy stops there, too)."""

    def __init__(self, patience: int = 50) -> None:
        self.patience = patience

    def __call__(self, text: str, known: Iterable[str], alike: float = 0.75) -> str | None:
        """The one of `known` that is most like `text`; None where none is. alike: 1 for equal words, 0 for any."""
        if self.patience <= 0 or len(text) > _LONGEST:
            return None
        from difflib import get_close_matches

        lower = {word.lower(): word for word in known}
        if len(lower) > _MOST:
            return None
        self.patience -= 1
        found = get_close_matches(text.lower(), lower, 1, alike)
        return lower[found[0]] if found else None


def shown(text: str) -> str:
    """`text` in quotes, as far as a message can show it."""
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")
