"""A line of virtual_ipaddress: the address that keepalived makes of it, and what it drops or ignores of the line.

Source: keepalived v2.2.7 keepalived/vrrp/vrrp_ipaddress.c (alloc_ipaddress); every complaint is measured.
"""

from __future__ import annotations

from halint import address
from halint.models.keepalived.values import integer
from halint.tree import Statement, Word

#: Longest label that the kernel takes (IFNAMSIZ - 1), in bytes; keepalived removes an address with a longer one,
#: an IPv6 address too, whose shorter label it ignores (measured).
MAX_LABEL = 15

_FLAGS = frozenset({"home", "-nodad", "mngtmpaddr", "noprefixroute", "autojoin", "no_track", "use_vmac"})
_WITH_VALUE = frozenset({"dev", "scope", "broadcast", "brd", "label", "peer", "preferred_lft"})
#: Those that keepalived knows without /etc/iproute2/rt_scopes.
_SCOPES = frozenset({"host", "link", "global", "site", "nowhere"})


class LineFault:
    """What keepalived does not take of a line.

    word: the culprit. what: what is wrong with it. drops: whether keepalived goes on without the address.
    """

    __slots__ = ("drops", "what", "word")

    def __init__(self, word: Word, what: str, *, drops: bool = False) -> None:
        self.word = word
        self.what = what
        self.drops = drops


class VirtualAddress:
    """One line of virtual_ipaddress or virtual_ipaddress_excluded.

    address: canonical, or None where the text is none (a placeholder, a macro). family: 4, 6 or None.
    bad_length: whether what stands behind the slash is no prefix length, so that a length of all bits is used.
    scope: of the route to it, where one is written that keepalived takes.
    dropped: why keepalived does not set it, or "". faults: those of the options, in order.
    """

    __slots__ = (
        "address",
        "bad_length",
        "device",
        "dropped",
        "family",
        "faults",
        "label",
        "scope",
        "statement",
        "word",
    )

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.word = statement.words[0]
        text, slash, length = self.word.text.partition("/")
        found = address.network(text) if is_address(text) else None
        self.family = found.family if found else None
        self.address = address.canonical(text) if found else None
        self.bad_length = found is not None and bool(length) and not is_length(length, found.bits)
        self.device: Word | None = None
        self.label: Word | None = None
        self.scope: Word | None = None
        self.faults: list[LineFault] = []
        self.dropped = "" if found else "it is no address"
        if len(statement.words) > 1:
            self._read_options(statement.words, "" if not slash or self.bad_length else length)

    @property
    def text(self) -> str:
        """The address as a person would name it: without prefix length."""
        return self.address or self.word.text.partition("/")[0]

    @property
    def length(self) -> int:
        """The prefix length that it is set with."""
        number = None if self.bad_length else integer(self.word.text.partition("/")[2])
        return number if number is not None else 32 if self.family == 4 else 128

    @property
    def label_too_long(self) -> bool:
        return self.label is not None and len(self.label.text.encode("utf-8", "surrogateescape")) > MAX_LABEL

    def _read_options(self, words: list[Word], length: str) -> None:
        """The options behind the address, up to the one for which keepalived drops it."""
        peer: Word | None = None
        broadcast: Word | None = None
        at = 1
        while at < len(words):
            option = words[at]
            name = option.text
            at += 1
            if name in _FLAGS:
                continue
            if name not in _WITH_VALUE:
                self._ignore(option, "keepalived knows no such option")
                continue
            if at == len(words):
                return self._drop(option, f"{name} lacks its value")
            value = words[at]
            at += 1
            if name == "dev":
                if self.device is not None:
                    return self._drop(option, "it has two devices")
                self.device = value
            elif name == "label":
                self.label = value
            elif name == "scope":
                self._read_scope(value)
            elif name == "peer":
                if peer is not None:
                    self._ignore(value, "it has a peer already")
                else:
                    peer = self._peer(value, length)
            elif name == "preferred_lft":
                number = integer(value.text)
                if value.text != "forever" and (number is None or not 0 <= number < 2**32):
                    self._ignore(value, "it is no number of seconds")
            elif self.family == 6:
                return self._drop(option, "an IPv6 address has no broadcast address")
            elif value.text not in ("+", "-") and not is_address(value.text, 4):
                return self._drop(value, f"{value.text} is no broadcast address")
            else:
                broadcast = value
        if broadcast is not None:
            self._settle_broadcast(broadcast, peer, integer(length))
        if self.label_too_long:
            self.dropped = self.dropped or f"its label is longer than {MAX_LABEL} characters"
        return None

    def _read_scope(self, value: Word) -> None:
        number = integer(value.text)
        if value.text not in _SCOPES and (number is None or not 0 <= number <= 255):
            self._ignore(value, "keepalived knows no such scope")
        elif self.family == 6 and value.text not in ("global", "0"):
            self._ignore(value, "IPv6 addresses have no scope")
        else:
            self.scope = value

    def _peer(self, value: Word, length: str) -> Word | None:
        if not is_address(value.text):
            self._ignore(value, "it is no address")
        elif not is_address(value.text, self.family):
            self._ignore(value, "it is of the other address family")
        else:
            if length not in ("", "32" if self.family == 4 else "128"):
                self._ignore(self.word, "an address with a peer has no prefix length")
            return value
        return None

    def _settle_broadcast(self, value: Word, peer: Word | None, length: int | None) -> None:
        if peer is not None:
            self._ignore(value, "an address with a peer has no broadcast address")
        elif value.text in ("+", "-") and (length is None or length > 30):
            self._ignore(value, f"a prefix length of {32 if length is None else length} leaves none")

    def _ignore(self, word: Word, what: str) -> None:
        self.faults.append(LineFault(word, what))

    def _drop(self, word: Word, what: str) -> None:
        self.faults.append(LineFault(word, what, drops=True))
        self.dropped = self.dropped or what


def is_address(text: str, family: int | None = None) -> bool:
    """Whether inet_pton(3) takes `text` for an address, of `family` if given: no leading zeros, no zone."""
    found = address.network(text) if "/" not in text and "%" not in text else None
    if found is None or (family is not None and found.family != family):
        return False
    return found.family == 6 or address.canonical(text) == text


def is_length(text: str, bits: int) -> bool:
    """Whether keepalived takes `text` for the prefix length of an address of `bits` bits."""
    number = integer(text)
    return number is not None and 0 <= number <= bits and not text.startswith("-")
