"""The version that files were written for, as far as their keywords tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.haproxy.language.keywords import PROXY_KINDS
from halint.patterns.haproxy_table import FAMILIES, KEYWORDS
from halint.versions import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.models.haproxy.language.complaint import Complaint
    from halint.source import Source
    from halint.tree import Tree
    from halint.versions import Lifetime, Version

#: The versions that are maintained, and what Ubuntu and EL still have, the newest first; last what is not released.
CANDIDATES: tuple[Version, ...] = ((3, 4), (3, 2), (3, 0), (2, 8), (2, 6), (2, 4), (3, 5))

_REMOVED = "haproxy-removed-keyword"

#: The kinds of complaint without which the first of CANDIDATES knows every keyword of the files.
STRANGE = frozenset({_REMOVED, "haproxy-keyword-too-new"})


def newest(trees: Iterable[Tree]) -> Version:
    """The first of CANDIDATES with the fewest keywords, of those in `trees`, that it does not know."""
    lifetimes = [KEYWORDS[group][name][0] for group, name in _keywords(trees) if name in KEYWORDS[group]]
    return min(CANDIDATES, key=lambda version: _strangers(lifetimes, version))


def reasons(newest: dict[str, list[Complaint]], assumed: dict[str, list[Complaint]]) -> list[Complaint]:
    """The complaints of the newest version about removed keywords at which an older one, assumed instead, finds
    nothing; of each keyword in each file the first."""
    left = {(complaint.word.source, complaint.word.start) for found in assumed.values() for complaint in found}
    first: dict[tuple[Source, str], Complaint] = {}
    for complaint in newest.get(_REMOVED, ()):
        if (complaint.word.source, complaint.word.start) not in left:
            first.setdefault((complaint.word.source, complaint.effect), complaint)
    return list(first.values())


def _strangers(lifetimes: list[Lifetime], version: Version) -> int:
    return sum(known(lifetime, version) is False for lifetime in lifetimes)


def _keywords(trees: Iterable[Tree]) -> set[tuple[str, str]]:
    """The keywords of `trees`, sections too, each by the group of the table that it stands in."""
    met: set[tuple[str, str]] = set()
    for tree in trees:
        for section in tree.statements:
            kind = section.keyword
            group = "proxy" if kind in PROXY_KINDS else kind
            if group not in KEYWORDS:
                continue
            met.add(("section", kind))
            families = FAMILIES.get(group, frozenset())
            for statement in section.body or ():
                name, number = statement.keyword, 0
                while name in families and (word := statement.argument(number)) is not None:
                    name, number = f"{name} {word.text}", number + 1
                met.add((group, name))
    return met
