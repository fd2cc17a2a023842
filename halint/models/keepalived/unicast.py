"""Unicast addresses as keepalived takes them, and what it does not take.

Source: keepalived v2.2.7 keepalived/vrrp/vrrp_parser.c (vrrp_unicast_peer_handler, vrrp_srcip_handler); every
complaint is measured.
"""

from __future__ import annotations

from collections.abc import Iterator

from halint.models.keepalived.values import integer
from halint.models.keepalived.virtual_address import LineFault, is_address
from halint.tree import Statement, Word

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
