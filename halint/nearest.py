"""The known word that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

#: What is longer than any known word resembles none, and would take for ever to compare.
_LONGEST = 64
#: A file may define thousands of names; to compare with each of so many takes seconds.
_MOST = 1000


#: One letter in four may be wrong; of two letters in the wrong order a short word keeps less.
_ALIKE, _ALIKE_SHORT, _SHORT = 0.75, 0.6, 4


class Nearest:
    """Finds known words that look like an unknown one, as long as its patience lasts: comparing takes a millisecond,
    and who reads the first fifty findings will correct the others by himself (haproxy stops there, too)."""

    def __init__(self, patience: int = 50) -> None:
        self.patience = patience

    def __call__(self, text: str, known: Iterable[str], alike: float | None = None) -> str | None:
        """The one of `known` that is most like `text`; None where none is. alike: 1 for equal words, 0 for any."""
        if alike is None:
            alike = _ALIKE_SHORT if len(text) <= _SHORT and text.isalpha() else _ALIKE
        if self.patience <= 0 or len(text) > _LONGEST:
            return None
        from difflib import get_close_matches

        lower = {word.lower(): word for word in known}
        if len(lower) > _MOST:
            return None
        self.patience -= 1
        letters = sorted(text.lower())
        if same := next((word for word in lower if len(word) == len(letters) and sorted(word) == letters), None):
            return lower[same]  # two letters in the wrong order, which the ratio below takes for two other letters
        found = get_close_matches(text.lower(), lower, 1, alike)
        return lower[found[0]] if found else None


def shown(text: str) -> str:
    """`text` in quotes, as far as a message can show it."""
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")
