"""Unicast addresses as keepalived takes them, and what it does not take.

Source: keepalived v2.2.7 keepalived/vrrp/vrrp_parser.c (vrrp_unicast_peer_handler, vrrp_srcip_handler); every
complaint is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.models.keepalived.block import last_line, number_setting
from halint.models.keepalived.values import integer
from halint.models.keepalived.virtual_address import LineFault, is_address
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived
    from halint.models.keepalived.vrrp import VrrpInstance

#: Statements that ask for unicast, and are in vain without a peer.
KEYWORDS = frozenset({"unicast_peer", "unicast_src_ip", "unicast_ttl", "check_unicast_src", "old_unicast_checksum"})


def is_host(word: Word, family: int | None = None) -> bool:
    """Whether keepalived takes `word` for the address of a node, of `family` if given; it tolerates a prefix length."""
    return is_address(word.text.partition("/")[0], family)


def option_faults(line: Statement) -> Iterator[LineFault]:
    """What keepalived does not take of the options behind a peer, in order."""
    limits = {"min_ttl": 0, "max_ttl": 255}
    words = line.arguments
    for option, value in zip(words[::2], [*words[1::2], None], strict=False):
        if value is None:
            yield LineFault(option, "lacks its value")
        elif option.text not in limits:
            yield LineFault(option, "is no option of a peer")
        else:
            number = integer(value.text)
            if number is None or not 0 <= number <= 255:
                yield LineFault(value, "is no number from 0 to 255")
            else:
                limits[option.text] = number
                if limits["min_ttl"] > limits["max_ttl"]:
                    yield LineFault(value, "lets no advert through: min_ttl is larger than max_ttl")


#: The TTL of adverts where nothing else is said.
DEFAULT_TTL = 255
MAX_HOPS = 64


def source_check(model: Keepalived | None, instance: VrrpInstance) -> Word | None:
    """What makes keepalived take adverts from none but the peers that the instance lists, or None where it takes them
    from everybody; a limit for the TTL of one peer does so for all (measured)."""
    written = last_line(instance.statement, "check_unicast_src")
    if written is None and model is not None:
        written = model.global_setting("vrrp_check_unicast_src")
    if written is not None:
        return written.words[0]
    return next((line.words[1] for line in instance.peer_lines if limits(line) != (0, DEFAULT_TTL)), None)


def limits(line: Statement) -> tuple[int, int]:
    """Between which values the TTL of the adverts of the peer on `line` must lie."""
    found = {"min_ttl": 0, "max_ttl": DEFAULT_TTL}
    words = line.arguments
    for option, value in zip(words[::2], words[1::2], strict=False):
        number = integer(value.text)
        if option.text in found and number is not None and 0 <= number <= DEFAULT_TTL:
            found[option.text] = number
    return found["min_ttl"], found["max_ttl"]


def ttl(instance: VrrpInstance) -> int:
    """The TTL of the adverts that the instance sends to its peers."""
    return number_setting(instance.statement, "unicast_ttl", DEFAULT_TTL, 0, DEFAULT_TTL).value


def peer_line(instance: VrrpInstance, peer: str) -> Statement | None:
    """The line of unicast_peer for the canonical address `peer`."""
    return next((line for line in instance.peer_lines if address.canonical(line.words[0].text) == peer), None)


def may_arrive(sent: int, line: Statement) -> bool:
    """Whether adverts sent with the TTL `sent` can arrive with one that `line` allows; no path has more hops than
    systems have as their default TTL."""
    low, high = limits(line)
    return sent >= low and sent - MAX_HOPS <= high
