"""The places where haproxy evaluates an expression: which fetches have their data there (enum in sample-t.h).

Places are bits, one per column of `haproxy -dKsmp`, the first column the lowest. A line of a frontend runs in its
frontend, one of a listen in either: what it fetches must be there in one of both. Else haproxy refuses an expression,
and warns of a condition (warnif_cond_conflicts in src/cfgparse.c; each line tried on 2.6.12 and 2.8.25).
"""

from __future__ import annotations

from halint.light import lru_cache

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

#: Of the places of a fetch or an ACL: that it works on messages, and not on bytes as they come in; proxies in mode http
#: ignore the latter.
IN_HTTP = 1 << len(COLUMNS)

#: Where nothing is known of the place: every fetch may be used.
ANYWHERE = IN_HTTP * 2 - 1

#: The lines in whose conditions haproxy looks for fetches of bytes (each tried in a frontend, a listen and a backend).
OF_MESSAGES = frozenset(
    {"http-request", "http-response", "http-after-response", "tcp-request content", "tcp-response content",
     "use_backend", "use-server", "stick on", "stick match", "stick store-request", "stick store-response"}
)  # fmt: skip

#: Per line, by its keyword and, of some, its second word: the column in a frontend and the one in a backend, -1 where
#: it does not run there.
_LINES = {
    "tcp-request connection": (0, -1),
    "tcp-request session": (1, -1),
    "tcp-request content": (2, 6),
    "tcp-response content": (15, 11),
    "http-request": (3, 7),
    "http-response": (16, 12),
    "http-after-response": (16, 12),
    "redirect": (3, 7),
    "use_backend": (5, -1),
    "use-server": (-1, 9),
    "balance": (-1, 9),
    "force-persist": (-1, 6),
    "ignore-persist": (-1, 6),
    "stick on": (-1, 9),
    "stick match": (-1, 9),
    "stick store-request": (-1, 9),
    "stick store-response": (-1, 14),
    "stats admin": (3, 7),
    "stats http-request": (3, 7),
    "log-format": (18, 18),
    "log-format-sd": (18, 18),
    "error-log-format": (18, 18),
    "unique-id-format": (3, 7),
    "tcp-check": (-1, 19),
    "http-check": (-1, 19),
    "set-var": (20, 20),
    "set-var-fmt": (20, 20),
    "configuration": (20, 20),
}


@lru_cache(256)
def of_condition(line: str, section: str, mode: str | None) -> int:
    """Where haproxy looks whether a condition of a `line` can hold (see `of`), and IN_HTTP where it asks for that."""
    place = of(line, section)
    return place | IN_HTTP if mode == "http" and any(map(line.startswith, OF_MESSAGES)) else place


@lru_cache(256)
def of(line: str, section: str) -> int:
    """The places one of which must have what a `line` of a `section` fetches; 0 where that is not known.

    line: what the statement begins with, "http-request deny", "use_backend"...
    """
    first, _, rest = line.partition(" ")
    columns = _LINES.get(first) or _LINES.get(f"{first} {rest.partition(' ')[0]}")
    if columns is None:
        return 0
    front, back = columns
    bits = 0
    if front >= 0 and section != "backend":
        bits |= 1 << front
    if back >= 0 and section != "frontend":
        bits |= 1 << back
    return bits


def line_of(texts: list[str]) -> str:
    """What the line of the words `texts` begins with, as far as it decides the place."""
    at = 1 if texts[0] == "no" and len(texts) > 1 else 0
    keyword = texts[at]
    return keyword if keyword in _LINES or len(texts) == at + 1 else f"{keyword} {texts[at + 1]}"


def name(place: int) -> str:
    """What haproxy calls `place`, behind "in": the first of its columns."""
    column = COLUMNS[(place & -place).bit_length() - 1]
    return f"a {column}" if column.endswith("rule") else column
