"""The places where haproxy evaluates an expression: which fetches have their data there (enum in sample-t.h).

Places are bits, one per column of `haproxy -dKsmp`, the first column the lowest. A line of a frontend runs in its
frontend, one of a listen in both: an expression must be usable in one of them, a condition in the one that haproxy
looks at (warnif_cond_conflicts in src/cfgparse.c; each line tried on 2.6.12 and 2.8.25).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.tree import Statement

#: The columns of the dump in order, as haproxy calls them in its messages.
COLUMNS = (
    "frontend tcp-request connection rule",
    "frontend tcp-request session rule",
    "frontend tcp-request content rule",
    "frontend http-request header rule",
    "frontend http-request body rule",
    "frontend use-backend rule",
    "backend tcp-request content rule",
    "backend http-request header rule",
    "backend http-request body rule",
    "backend use-server, balance or stick-match rule",
    "server source selection",
    "backend tcp-response content rule",
    "backend http-response header rule",
    "backend http-response body rule",
    "backend stick-store rule",
    "frontend tcp-response content rule",
    "frontend http-response header rule",
    "frontend http-response body rule",
    "logs",
    "backend tcp-check rule",
    "configuration parser",
    "CLI parser",
)

#: Where nothing is known of the place: every fetch may be used.
ANYWHERE = (1 << len(COLUMNS)) - 1

#: Per line, by its keyword and, of some, its second word: the column in a frontend and the one in a backend, -1 where
#: it does not run there, and whether haproxy looks at the backend's first when it warns of a listen's conditions.
_LINES = {
    "tcp-request connection": (0, -1, False),
    "tcp-request session": (1, -1, False),
    "tcp-request content": (2, 6, False),
    "tcp-response content": (15, 11, True),
    "http-request": (3, 7, False),
    "http-response": (16, 12, True),
    "http-after-response": (16, 12, True),
    "redirect": (3, 7, False),
    "use_backend": (5, -1, False),
    "use-server": (-1, 9, True),
    "balance": (-1, 9, True),
    "force-persist": (-1, 6, True),
    "ignore-persist": (-1, 6, True),
    "stick on": (-1, 9, True),
    "stick match": (-1, 9, True),
    "stick store-request": (-1, 9, True),
    "stick store-response": (-1, 14, True),
    "stats admin": (3, 7, False),
    "stats http-request": (3, 7, False),
    "log-format": (18, 18, False),
    "log-format-sd": (18, 18, False),
    "error-log-format": (18, 18, False),
    "unique-id-format": (3, -1, False),
    "tcp-check": (-1, 19, True),
    "http-check": (-1, 19, True),
    "set-var": (20, 20, False),
    "set-var-fmt": (20, 20, False),
    "configuration": (20, 20, False),
}


def of_condition(line: str, section: str) -> int:
    """The place that haproxy warns of where a condition of a `line`, in a `section`, never holds there.

    line: what the statement begins with, "http-request deny", "use_backend"...
    """
    front, back, back_first = _line(line)
    column = back if section == "backend" or (back_first and section != "frontend") else front
    return 1 << column if column >= 0 else ANYWHERE


def of_expression(line: str, section: str) -> int:
    """The places one of which must have what an expression of a `line`, in a `section`, fetches."""
    front, back, _ = _line(line)
    bits = 0
    if front >= 0 and section != "backend":
        bits |= 1 << front
    if back >= 0 and section != "frontend":
        bits |= 1 << back
    return bits or ANYWHERE


def line_of(statement: Statement) -> str:
    """What `statement` begins with, as far as it decides the place."""
    keyword = statement.keyword
    if keyword in _LINES:
        return keyword
    second = statement.argument()
    return f"{keyword} {second.text}" if second is not None else keyword


def name(place: int) -> str:
    """What haproxy calls `place`: the first of its columns."""
    return COLUMNS[(place & -place).bit_length() - 1]


def _line(line: str) -> tuple[int, int, bool]:
    first, _, rest = line.partition(" ")
    return _LINES.get(first) or _LINES.get(f"{first} {rest.partition(' ')[0]}") or (-1, -1, False)
