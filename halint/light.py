"""What functools, bisect, collections and operator take from modules written in C, without the rest of them.

Their Python halves and what those import take a third as long to import as the interpreter takes to start.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bisect import bisect_left, bisect_right, insort_right
    from collections import deque
    from functools import cache, lru_cache, partial
    from operator import attrgetter
else:
    from _bisect import bisect_left, bisect_right, insort_right
    from _collections import deque
    from _functools import _lru_cache_wrapper, partial
    from _operator import attrgetter

    def lru_cache(maxsize):
        """A decorator that keeps the last `maxsize` values of a function, or all with None, by its arguments."""
        return lambda work: _lru_cache_wrapper(work, maxsize, False, tuple)

    cache = lru_cache(None)


__all__ = ["attrgetter", "bisect_left", "bisect_right", "cache", "deque", "insort_right", "lru_cache", "partial"]
