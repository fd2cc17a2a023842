"""Addresses as haproxy takes them in one place or another (str2sa_range() in src/tools.c, and who calls it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halint.address import IPV4
from halint.nearest import shown
from halint.patterns import haproxy_values as patterns
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

#: What each place takes: a port (must be there), optional (may be), range, offset, datagram, stream,
#: descriptor, list (several, with commas), name (what is no address is a name, of whatever
#: characters, and it depends on other words whether that must have an address: see the rule HA147).
PLACES: dict[str, frozenset[str]] = {
    "bind": frozenset({"port", "range", "stream", "descriptor", "list"}),
    "dgram-bind": frozenset({"port", "range", "datagram", "descriptor", "list"}),
    "server": frozenset({"optional", "offset", "stream", "name"}),
    "any-server": frozenset({"optional", "offset", "stream", "datagram", "name"}),
    "remote": frozenset({"port", "stream"}),
    "peer": frozenset({"port", "stream", "name"}),
    "check": frozenset({"optional", "stream"}),
    "source": frozenset({"optional", "range", "stream"}),
    "log": frozenset({"optional", "datagram", "stream", "descriptor"}),
    "nameserver": frozenset({"port", "datagram", "stream"}),
}

#: sun_path, less what haproxy adds to it while it binds.
_LONGEST_PATH = 97
_LONGEST_NAME = 107

#: What nearly every address is, and every place takes: compiling the whole pattern takes a tenth of a pair's check.
USUAL = rf"{IPV4}:(?:[1-5][0-9]{{4}}|[1-9][0-9]{{0,3}})|/[A-Za-z0-9_./-]{{1,90}}"

#: What stands around a name that is to be filled in.
_PLACEHOLDER = frozenset("<>{}")


def accepts(place: str | None, _high: Any) -> Callable[[str], bool]:
    """The test of the addresses of `place`."""
    takes = PLACES[place or "bind"]
    several, usual = "list" in takes, compiled(USUAL).fullmatch

    def test(text: str) -> bool:
        if usual(text):
            return True
        if several and "," in text:
            return all(problem(part, takes) is None for part in _trimmed(text.split(",")))
        return problem(text, takes) is None

    return test


def log_target(_place: Any, high: Any) -> Callable[[str], bool]:
    """The test of where a log goes: an address, a stream of the program itself, a ring."""
    address = accepts("log", high)
    return lambda text: text in {"stdout", "stderr"} or text.startswith(("ring@", "backend@")) or address(text)


def _trimmed(parts: list[str]) -> list[str]:
    """`parts` without an empty last one, which haproxy does not look at."""
    return parts[:-1] if len(parts) > 1 and not parts[-1] else parts


def explain(text: str, place: str | None) -> str | None:
    """What is wrong with the address, or the list of addresses, `text` in `place`."""
    takes = PLACES[place or "bind"]
    parts = text.split(",") if "list" in takes else [text]
    for part in _trimmed(parts):
        if found := problem(part, takes):
            return f"has {shown(part)} in it, which {found}" if len(parts) > 1 else found
    return None


def problem(text: str, takes: frozenset[str]) -> str | None:
    """What is wrong with the address `text` where `takes` is taken; None where nothing is."""
    found = compiled(patterns.ADDRESS).match(text)
    if not text:
        return "is empty"
    if found is None:
        return None if _PLACEHOLDER.intersection(text) else _unreadable(text, takes)
    if found["variable"] is not None:
        return None
    said = found.group
    family = (said("family4") or said("family6") or said("family") or said("unix") or "").rstrip("46@")
    datagram = family in {"udp", "uxdg"} or said("transport") == "dgram+"
    stream = family in {"tcp", "uxst", "quic"} or said("transport") in {"stream+", "quic+"}
    if datagram and "datagram" not in takes:
        return "is for datagrams"
    if stream and "stream" not in takes:
        return "is for streams"
    if said("unix") is not None:
        longest = _LONGEST_PATH
        return f"is longer than {longest} characters" if len(said("path")) > longest else None
    if said("abstract") is not None:
        return f"is longer than {_LONGEST_NAME} characters" if len(said("label")) > _LONGEST_NAME else None
    if said("descriptor") is not None:
        return None if "descriptor" in takes or said("descriptor") == "sockpair@" else "is a file descriptor"
    if text.startswith("rhttp@") or said("transport") == "rhttp@":
        return None
    return _port(found, takes)


def _port(found: re.Match[str], takes: frozenset[str]) -> str | None:
    if found["offset"] is not None:
        return None if "offset" in takes else "has a port relative to another"
    low, high = found["port"] or found["low"], found["port"] or found["high"]
    if low is None:
        return "has no port" if "port" in takes else None
    if found["low"] is not None and "range" not in takes:
        return "has a range of ports"
    least = 1 if "port" in takes else 0
    for port in (low, high):
        if len(port) > 9 or not least <= int(port) <= 65535:
            return f"has the port {port[:9]}; ports go from {least} to 65535"
    return "has a range of ports that ends before it starts" if int(low) > int(high) else None


def _unreadable(text: str, takes: frozenset[str]) -> str | None:
    host, colon, port = text.rpartition(":")
    if colon and port and not compiled(r"[0-9]+(?:-[0-9]+)?|[+-][0-9]*").fullmatch(port):
        return f"has {port[:40]!r} where a port should be"
    if "name" in takes:
        return None
    if compiled(r"[0-9.]+").fullmatch(host if colon else text):
        return "has an IPv4 address that is none"
    return "is no address and no name"
