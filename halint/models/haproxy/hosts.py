"""The host in the address of a server, and whether it can be one (str2sa_range in tools.c; getaddrinfo of glibc).

Measured on haproxy 2.6.12 and 2.8.25 with a name server that has an address for every name.
"""

from __future__ import annotations

from halint import address
from halint.readers.lexer import compiled

_PREFIX = r"(?:ip|ipv4|ipv6|tcp|tcp4|tcp6|mptcp|mptcp4|mptcp6)@"
_NAME = r"(?![-.])(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{0,63}"


def host(text: str) -> str:
    """The name, or the numbers that are no IP address, in the address `text` of a server; "" where it is an IP
    address, a socket, or not known."""
    if not text or text.startswith("/") or "$" in text:
        return ""
    prefix = compiled(_PREFIX).match(text)
    rest = text[prefix.end() :] if prefix else text
    if "@" in rest:
        return ""
    before, colon, _ = rest.rpartition(":")
    found = before if colon else rest
    if ":" in found or found.startswith("[") or found == "*" or address.family(found):
        return ""
    return found


def is_service(name: str) -> bool:
    """Whether haproxy takes `name` for that of SRV records."""
    return name.startswith("_")


def is_possible(name: str) -> bool:
    """Whether anything can have an address for `name`."""
    if compiled(r"[0-9.]+").fullmatch(name):
        return _is_number(name)
    return compiled(_NAME).fullmatch(name) is not None


def _is_number(text: str) -> bool:
    """Whether inet_aton takes it: up to four numbers, of which the last fills the bytes that are left."""
    parts = text.split(".")
    if len(parts) > 4 or "" in parts or any(len(part) > 10 for part in parts):
        return False
    if any(part.startswith("0") and part != "0" for part in parts):
        return True  # octal
    numbers = [int(part) for part in parts]
    return all(number < 256 for number in numbers[:-1]) and numbers[-1] < 256 ** (5 - len(numbers))
