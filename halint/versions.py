"""Versions of the programs, and when a keyword was known to them.

What a table knows of a keyword comes from a few versions that were looked at, so the change itself lies between
two of them: "after 2.0.10, by 2.2.7". A target between them is unknown, and whoever asks stays silent.
"""

from __future__ import annotations

from halint.readers.lexer import compiled

Version = tuple[int, ...]

#: When a keyword was known, as bounds that were looked at: `(after, by, last, gone)`.
#:
#: after: the newest version without it, before it came; None where none is known. by: the oldest version with it.
#: last: the newest version with it, before it went. gone: the oldest version without it again; None where it stays.
#: A bound stands for all that begin with it: `(2, 4)` is any 2.4, `(2, 2, 7)` that release alone.
Lifetime = tuple[Version | None, Version | None, Version | None, Version | None]

#: Known to every version.
ALWAYS: Lifetime = (None, None, None, None)

_ANY = 1 << 30


def parse(text: str) -> Version | None:
    """`2.4.22` as (2, 4, 22), or None where that is not a version. `3.5-dev5` is 3.5, whose language it speaks."""
    if not compiled(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}(?:-dev[0-9]{1,4})?").fullmatch(text):
        return None
    return tuple(int(part) for part in text.partition("-")[0].split("."))


def show(version: Version) -> str:
    """(2, 4, 22) as `2.4.22`."""
    return ".".join(map(str, version))


def known(lifetime: Lifetime, version: Version | None) -> bool | None:
    """Whether a keyword with `lifetime` is known to `version`; None where it cannot be said.

    version: None is the newest version. One that leaves its end open, as 2.2, is every release of that series.
    """
    after, by, last, gone = lifetime
    if version is None:
        return gone is None
    if after is not None and _compare(version, after, _ANY) <= 0:
        return False
    if gone is not None and _compare(version, gone, 0) >= 0:
        return False
    came = by is None or _compare(version, by, 0) >= 0
    stays = gone is None or (last is not None and _compare(version, last, _ANY) <= 0)
    return True if came and stays else None


def _compare(version: Version, bound: Version, open_end: int) -> int:
    """-1, 0 or 1 as `version` is before, within or after `bound`; what it leaves open is taken as `open_end`."""
    size = len(bound)
    exact = (version + (open_end,) * (size - len(version)))[:size]
    return (exact > bound) - (exact < bound)
