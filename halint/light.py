"""What functools, bisect, collections and operator take from modules written in C, without the rest of them.

Their Python halves and what those import take a third as long to import as the interpreter takes to start.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bisect import bisect_left, bisect_right, insort_right
    from collections import deque
    from collections.abc import Hashable, Iterable
    from functools import cache, lru_cache, partial
    from operator import attrgetter
    from typing import TypeVar

    Item = TypeVar("Item", bound=Hashable)
else:
    try:
        from _bisect import bisect_left, bisect_right, insort_right
        from _collections import deque
        from _functools import _lru_cache_wrapper, partial
        from _operator import attrgetter
    except ImportError:  # other Pythons than CPython
        from bisect import bisect_left, bisect_right, insort_right
        from collections import deque
        from functools import cache, lru_cache, partial
        from operator import attrgetter
    else:

        def lru_cache(maxsize):
            """A decorator that keeps the last `maxsize` values of a function, or all with None, by its arguments."""
            return lambda work: _lru_cache_wrapper(work, maxsize, False, tuple)

        cache = lru_cache(None)


def counted(items: Iterable[Item]) -> dict[Item, int]:
    """How many there are of each of `items`, as by collections.Counter."""
    counts: dict[Item, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


__all__ = [
    "attrgetter",
    "bisect_left",
    "bisect_right",
    "cache",
    "counted",
    "deque",
    "insort_right",
    "lru_cache",
    "partial",
]
