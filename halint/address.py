"""IP addresses and networks in canonical text and as numbers. IPv4 is read here: importing ipaddress costs
more than reading a pair's configuration, so only IPv6 pays for it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Network(NamedTuple):
    """Addresses of `family` (4 or 6) whose first `length` bits are those of `value`; a single one has them all."""

    family: int
    value: int
    length: int

    @property
    def bits(self) -> int:
        return 32 if self.family == 4 else 128

    def holds(self, other: Network) -> bool:
        """Whether every address of `other` is one of these."""
        if other.family != self.family or other.length < self.length:
            return False
        shift = self.bits - self.length
        return other.value >> shift == self.value >> shift


@cache
def network(text: str) -> Network | None:
    """`ADDRESS` or `ADDRESS/LENGTH` (or a dotted netmask) as a network, or None where it is neither."""
    address, slash, mask = text.partition("/")
    number = _ipv4(address)
    family = 4
    if number is None:
        number, family = _ipv6(address), 6
        if number is None:
            return None
    bits = 32 if family == 4 else 128
    if not slash:
        return Network(family, number, bits)
    if mask.isascii() and mask.isdigit() and int(mask) <= bits:
        return Network(family, number, int(mask))
    dotted = _ipv4(mask) if family == 4 else None
    if dotted is None:
        return None
    length = dotted.bit_count()
    return Network(4, number, length) if dotted == (0xFFFFFFFF << 32 - length) & 0xFFFFFFFF else None


def canonical(text: str) -> str | None:
    """The one way to write the address in `text` (a prefix length is left out), or None where it is none."""
    found = network(text)
    if found is None:
        return None
    if found.family == 4:
        return ".".join(str(found.value >> shift & 255) for shift in (24, 16, 8, 0))
    import ipaddress

    return str(ipaddress.IPv6Address(found.value))


def family(text: str) -> int | None:
    """4 or 6, or None where `text` is no address."""
    found = network(text)
    return None if found is None else found.family


def is_everybodys(text: str) -> bool:
    """Whether the address may stand on any machine and so links none: loopback, link-local IPv6, unspecified."""
    found = network(text)
    return found is None or is_loopback(text) or any(n.holds(found) for n in _UNBOUND)


def is_loopback(text: str) -> bool:
    found = network(text)
    return found is not None and (_LOOPBACK_4.holds(found) or found == _LOOPBACK_6)


def _ipv4(text: str) -> int | None:
    parts = text.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) <= 3 and int(part) <= 255):
            return None
        number = number << 8 | int(part)
    return number


def _ipv6(text: str) -> int | None:
    if ":" not in text:
        return None
    import ipaddress

    try:
        return int(ipaddress.IPv6Address(text.partition("%")[0]))
    except ValueError:
        return None


_LOOPBACK_4 = Network(4, 127 << 24, 8)
_LOOPBACK_6 = Network(6, 1, 128)
_UNBOUND = (Network(4, 0, 32), Network(6, 0, 128), Network(6, 0xFE80 << 112, 10))
