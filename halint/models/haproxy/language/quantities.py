"""Numbers, times and sizes as haproxy reads them: each gives the number, or None where the word is none.

Sources: atol(), strtol() and how their results are kept; parse_time_err() and parse_size_err() in src/tools.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.patterns import haproxy_values as patterns
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

#: haproxy keeps times in 31 bits, in the unit that the keyword has (PARSE_TIME_OVER in tools.c).
LONGEST = 0x7FFFFFFF

#: Per unit, microseconds.
UNITS = {"us": 1, "ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


def integer(text: str) -> int | None:
    """strtol() to the end of the word."""
    return int(text) if compiled(patterns.INTEGER).match(text) and len(text) < 30 else None


def wrapped(text: str) -> int | None:
    """strtol() to the end of the word, into an int."""
    return leading(text) if compiled(patterns.INTEGER).match(text) else None


def leading(text: str) -> int | None:
    """atol() into an int: what is no number is 0, what is behind a number is not read, what is too large wraps."""
    found = compiled(r"[ \t]*([+-]?[0-9]{1,19})").match(text)
    if found is None:
        return 0 if text else None
    value = max(-(1 << 63), min(int(found[1]), (1 << 63) - 1)) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def unsigned(text: str) -> int | None:
    """atol() into an unsigned int."""
    value = leading(text)
    return None if value is None else value & 0xFFFFFFFF


def long(text: str) -> int | None:
    """atol() into a long."""
    found = compiled(r"[ \t]*([+-]?[0-9]{1,30})").match(text)
    return int(found[1]) if found else 0 if text else None


def any_base(text: str) -> int | None:
    """strtoul() with base 0 to the end of the word."""
    try:
        return int(text, 8 if compiled("0[0-7]+").fullmatch(text) else 0) & 0xFFFFFFFF if len(text) < 30 else None
    except ValueError:
        return None


def octal(text: str) -> int | None:
    return int(text, 8) if compiled("[+-]?[0-7]{1,10}").fullmatch(text) else None


def time(unit: str) -> Callable[[str], int | None]:
    """parse_time_err(): the time in `unit`, rounded up; what is behind a unit is warned of, and not read."""
    scale = UNITS[unit]

    def number(text: str) -> int | None:
        found = compiled(patterns.TIME).match(text)
        if found is None or len(found["count"]) > 18 or (found["behind"] and not found["unit"]):
            return None
        return -(-int(found["count"]) * UNITS[found["unit"] or unit] // scale)

    return number


def size(text: str) -> int | None:
    """parse_size_err(): 32 bits."""
    found = compiled(patterns.SIZE).match(text)
    if found is None or len(found["count"]) > 10:
        return None
    value = int(found["count"]) << {"": 0, "k": 10, "m": 20, "g": 30}[(found["unit"] or "").lower()]
    return value if value <= 0xFFFFFFFF else None
