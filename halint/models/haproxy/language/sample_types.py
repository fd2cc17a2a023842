"""The types of haproxy's samples, and which it makes of which (sample_casts in src/sample.c)."""

from __future__ import annotations

_ALL = frozenset({"any", "bool", "sint", "addr", "ipv4", "ipv6", "str", "bin", "meth"})

#: What a sample of a type can be taken as. In 3.0 fetches began to give `addr`, which is either family.
_CASTS = {
    "any": _ALL,
    "bool": frozenset({"any", "bool", "sint", "str", "bin"}),
    "sint": _ALL - {"meth"},
    "addr": frozenset({"any", "addr", "ipv4", "ipv6", "str", "bin"}),
    "ipv4": frozenset({"any", "sint", "addr", "ipv4", "ipv6", "str", "bin"}),
    "ipv6": frozenset({"any", "addr", "ipv4", "ipv6", "str", "bin"}),
    "str": _ALL,
    "bin": frozenset({"any", "str", "bin", "meth"}),
    "meth": frozenset({"any", "str", "bin", "meth"}),
}

#: In the words of halint's messages.
NAMES = {
    "bool": "a boolean",
    "sint": "an integer",
    "addr": "an address",
    "ipv4": "an address",
    "ipv6": "an IPv6 address",
    "str": "a string",
    "bin": "a binary block",
    "meth": "a method",
}


def castable(given: str, taken: str) -> bool:
    """Whether haproxy makes a sample of type `taken` of one of type `given`."""
    return taken in _CASTS[given]
