"""The places where haproxy evaluates an expression: which fetches have their data there (enum in sample-t.h).

A place is a set of bits, one per column of `haproxy -dKsmp`, the first column the lowest bit. What a line means
depends on its section: a frontend's `http-request` rules run in a frontend, a listen's in both.
"""

from __future__ import annotations

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

#: Per kind of line, the column in a frontend and the column in a backend; -1 where it does not run there.
_LINES = {
    "tcp-request connection": (0, -1),
    "tcp-request session": (1, -1),
    "tcp-request content": (2, 6),
    "tcp-response content": (15, 11),
    "http-request": (3, 7),
    "http-response": (16, 12),
    "use_backend": (5, -1),
    "use-server": (-1, 9),
    "stick match": (-1, 9),
    "stick store-response": (-1, 14),
    "source": (-1, 10),
    "log": (18, 18),
    "tcp-check": (-1, 19),
    "configuration": (20, 20),
}


def columns(line: str, section: str) -> int:
    """Where a line of kind `line` ("http-request", "log"...) of a `section` is evaluated; in a listen, both."""
    front, back = _LINES[line]
    bits = 0
    if front >= 0 and section != "backend":
        bits |= 1 << front
    if back >= 0 and section != "frontend":
        bits |= 1 << back
    return bits or ANYWHERE


def name(place: int) -> str:
    """What haproxy calls `place`: the first of its columns."""
    return COLUMNS[(place & -place).bit_length() - 1]
