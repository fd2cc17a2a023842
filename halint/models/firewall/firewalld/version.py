"""Which firewalld a distribution ships, as its packages say (el: the last minor release)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.node import Node

#: By distribution, the first release that has each version.
_VERSIONS = {
    "el": {7: (0, 6), 8: (0, 9), 9: (1, 3), 10: (2, 3)},
    "debian": {10: (0, 6), 11: (0, 9), 12: (1, 3), 13: (2, 3)},
    "fedora": {32: (0, 8), 34: (0, 9), 35: (1, 0), 38: (1, 3), 39: (2, 0), 40: (2, 1), 41: (2, 2), 42: (2, 3)},
    "ubuntu": {18: (0, 4), 20: (0, 8), 22: (1, 1), 24: (2, 1)},
}


def distribution(node: Node) -> tuple[str, int] | None:
    """The distribution of `node` and its release; None where they are unknown."""
    match = compiled(r"(el|debian|fedora|ubuntu)(\d+)(?:\.\d+)?").fullmatch(node.targets.os or "")
    return None if match is None else (match[1], int(match[2]))


def version(node: Node) -> tuple[int, int] | None:
    """The version of firewalld on `node`, or the oldest that it may be; None where that is unknown."""
    found = distribution(node)
    if found is None:
        return None
    name, release = found
    return max((number for first, number in _VERSIONS[name].items() if first <= release), default=None)
