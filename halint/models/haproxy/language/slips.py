"""What to do about a word that was probably meant to be another. Loaded where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.fixes import edits
from halint.models.haproxy.language.scope import Instead

if TYPE_CHECKING:
    from halint.finding import Fix
    from halint.models.haproxy.language.scope import Slip
    from halint.nearest import Nearest
    from halint.tree import Word

#: Names of a few letters differ much by one: who is told of one judges by himself.
_ALIKE = 0.6


def cured(slip: Slip | Instead, word: Word, nearest: Nearest) -> tuple[str, Fix | None]:
    """The cure of `slip`, in `word`, in words, and the fix that does it."""
    if isinstance(slip, Instead):
        return slip.cure, edits.writing(word, slip.text, name=slip.name)
    near = nearest(slip.name, slip.names(), _ALIKE)
    if near is None:
        return slip.otherwise, None
    return f"{near!r} was meant?", edits.writing(word, near, slip.applicability, name=slip.name)
