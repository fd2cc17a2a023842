"""IP addresses and networks in canonical text and as numbers, as the module ipaddress has them, whose import costs
more than reading a pair's configuration."""

from __future__ import annotations

from halint.light import cache

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#: A pattern of IPv4 addresses as everybody writes them, without leading zeros.
IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
#: The usual IPv4 network. A pattern for every way to write one takes as long to compile as a tenth of a pair's check.
IPV4_NETWORK = rf"{IPV4}(?:/(?:[1-9]|[12][0-9]|3[0-2]))?"


class Network:
    """Addresses of `family` (4 or 6) whose first `length` bits are those of `value`; a single one has them all."""

    __slots__ = ("family", "length", "value")

    def __init__(self, family: int, value: int, length: int) -> None:
        self.family = family
        self.value = value
        self.length = length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Network{self._key}"

    @property
    def _key(self) -> tuple[int, int, int]:
        return self.family, self.value, self.length

    def __str__(self) -> str:
        text = _ipv4_text(self.value) if self.family == 4 else _ipv6_text(self.value)
        return f"{text}/{self.length}"

    @property
    def whole(self) -> Network:
        """The network without what tells the host."""
        shift = self.bits - self.length
        return Network(self.family, self.value >> shift << shift, self.length)

    @property
    def bits(self) -> int:
        return 32 if self.family == 4 else 128

    def holds(self, other: Network) -> bool:
        """Whether every address of `other` is one of these."""
        if other.family != self.family or other.length < self.length:
            return False
        shift = self.bits - self.length
        return other.value >> shift == self.value >> shift

    def overlaps(self, other: Network) -> bool:
        """Whether some address is one of these and of `other`."""
        shift = self.bits - min(self.length, other.length)
        return self.family == other.family and self.value >> shift == other.value >> shift


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
    return _ipv4_text(found.value) if found.family == 4 else _ipv6_text(found.value)


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


def _ipv4_text(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv6(text: str) -> int | None:
    """RFC 4291, 2.2."""
    text = text.partition("%")[0]
    if ":" not in text:
        return None
    head, colons, tail = text.partition("::")
    before, behind = _groups(head), _groups(tail)
    if before is None or behind is None or (colons and "." in head):
        return None
    missing = 8 - len(before) - len(behind)
    if missing < 1 if colons else missing:
        return None
    number = 0
    for group in (*before, *[0] * missing, *behind):
        number = number << 16 | group
    return number


def _groups(text: str) -> list[int] | None:
    """The groups of a part of an IPv6 address, the last two of which may be written as IPv4; None where one is none."""
    groups: list[int] = []
    parts = text.split(":") if text else []
    for number, part in enumerate(parts):
        if len(part) <= 4 and part and not part.strip("0123456789abcdefABCDEF"):
            groups.append(int(part, 16))
            continue
        last = _ipv4(part) if number == len(parts) - 1 else None
        if last is None or _ipv4_text(last) != part:
            return None
        groups += [last >> 16, last & 0xFFFF]
    return groups


def _ipv6_text(number: int) -> str:
    """RFC 5952, 4: without leading zeros, small letters, `::` for the first longest run of zeros, two at least."""
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    start = length = at = 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == "0":
            end += 1
        if end - at > max(length, 1):
            start, length = at, end - at
        at = max(end, at + 1)
    if not length:
        return ":".join(groups)
    return ":".join(groups[:start]) + "::" + ":".join(groups[start + length :])


_LOOPBACK_4 = Network(4, 127 << 24, 8)
_LOOPBACK_6 = Network(6, 1, 128)
_UNBOUND = (Network(4, 0, 32), Network(6, 0, 128), Network(6, 0xFE80 << 112, 10))
