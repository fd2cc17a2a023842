"""The addresses that haproxy listens on (str2sa_range, `bind` in the configuration manual; haproxy 1.5 to 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.patterns.haproxy_table import KEYWORDS
from halint.readers.haproxy import VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Proxy

#: Family and protocol by the prefix of an address. Any other prefix (unix@, abns@, fd@, rhttp@) names no IP address.
_PREFIXES: dict[str, tuple[int | None, str]] = {
    "": (None, "tcp"),
    "ip": (None, "tcp"), "ipv4": (4, "tcp"), "ipv6": (6, "tcp"),
    "tcp": (None, "tcp"), "tcp4": (4, "tcp"), "tcp6": (6, "tcp"),
    "mptcp": (None, "tcp"), "mptcp4": (4, "tcp"), "mptcp6": (6, "tcp"),
    "udp": (None, "udp"), "udp4": (4, "udp"), "udp6": (6, "udp"),
    "quic": (None, "udp"), "quic4": (4, "udp"), "quic6": (6, "udp"),
}  # fmt: skip

#: The options of `bind` that take an argument (`haproxy -dKall`, 2.6.0 to 3.4.0).
_VALUED = frozenset(
    {
        "accept-netscaler-cip", "alpn", "backlog", "ca-file", "ca-ignore-err", "ca-sign-file", "ca-sign-pass",
        "ca-verify-file", "cc", "ciphers", "ciphersuites", "client-sigalgs", "crl-file", "crt", "crt-ignore-err",
        "crt-list", "curves", "default-crt", "ecdhe", "expose-fd", "gid", "group", "guid-prefix", "id", "idle-ping",
        "interface", "ktls", "label", "level", "maxconn", "mode", "mss", "name", "namespace", "nbconn", "nice", "npn",
        "process", "proto", "quic-cc-algo", "quic-socket", "severity-output", "shards", "sigalgs", "ssl-max-ver",
        "ssl-min-ver", "tcp-md5sig", "tcp-ss", "tcp-ut", "thread", "tls-ticket-keys", "uid", "user", "verify",
    }
)  # fmt: skip


class Bind:
    """One address of a `bind` line, or of a `frontend` or `listen` line as up to haproxy 1.8.

    address: canonical; None for a wildcard, and where it is not known. wildcard: all addresses of `family`.
    known: whether address, family and ports are what haproxy will use: not with variables, names and sockets
    that are not of IP. family: 4, 6, or None for `[::]`, which takes IPv4 as well while net.ipv6.bindv6only is 0
    (Linux's default), and where it is unknown. low, high: the ports, 0 where unknown. protocol: "tcp" or "udp".
    """

    __slots__ = (
        "address",
        "family",
        "high",
        "interface",
        "known",
        "low",
        "namespace",
        "options",
        "protocol",
        "proxy",
        "statement",
        "transparent",
        "wildcard",
        "word",
    )

    def __init__(self, statement: Statement, word: Word, options: dict[str, Word | None], proxy: Proxy) -> None:
        self.statement = statement
        self.word = word
        self.options = options
        self.proxy = proxy
        self.transparent = "transparent" in options
        self.interface = _text(options.get("interface"))
        self.namespace = _text(options.get("namespace"))
        self.address: str | None = None
        self.family: int | None = None
        self.wildcard = self.known = False
        self.low = self.high = 0
        self.protocol = "tcp"
        self._read(word.text)

    @property
    def incomplete(self) -> bool:
        """Whether a variable, or a word that no haproxy knows, may stand for an option that seems to be missing."""
        variable = any(isinstance(word, VariableWord) for word in self.statement.words[2:])
        return variable or any(name not in KEYWORDS["bind"] for name in self.options)

    @property
    def secured(self) -> bool | None:
        """Whether it speaks TLS; None where it is incomplete, and over QUIC, which always does."""
        if "ssl" in self.options:
            return True
        return None if self.protocol == "udp" or self.incomplete else False

    @property
    def certain(self) -> bool:
        """Whether the line is there whatever the conditions around it are."""
        return self.proxy.certain and self.proxy.is_certain(self.statement)

    def _read(self, text: str) -> None:
        prefix, _, rest = text.rpartition("@")
        prefix = prefix.removeprefix("stream+").removeprefix("dgram+")
        if text.startswith("/") or prefix not in _PREFIXES:
            return
        wanted, self.protocol = _PREFIXES[prefix]
        host, colon, ports = rest.rpartition(":")
        self.low, self.high = _ports(ports) if colon else (0, 0)
        host, _, scope = host.removeprefix("[").removesuffix("]").partition("%")
        self.interface = self.interface or scope or None
        if host in ("", "*", "0.0.0.0", "::"):
            self.wildcard = True
            self.family = 6 if host == "::" else wanted or 4
            if self.family == 6 and "v6only" not in self.options:
                self.family = None
        else:
            self.address = address.canonical(host)
            self.family = address.family(host)
        variable = "$" in text or isinstance(self.word, VariableWord)
        self.known = bool(self.low) and not variable and (self.wildcard or self.address is not None)
        if variable:
            self.wildcard, self.address, self.family = False, None, None

    def __repr__(self) -> str:
        return f"Bind({self.word.text!r})"


def of_line(statement: Statement, proxy: Proxy) -> list[Bind]:
    """The binds of a `bind` line."""
    words = statement.arguments
    return _listed(statement, words[0], _options(words[1:]), proxy) if words else []


def of_head(proxy: Proxy) -> list[Bind]:
    """The binds of the address on a `frontend` or `listen` line."""
    word = head_address(proxy)
    return [] if word is None else _listed(proxy.statement, word, {}, proxy)


def head_address(proxy: Proxy) -> Word | None:
    """The address on a `frontend` or `listen` line, which haproxy up to 1.8 takes as `bind`."""
    word = proxy.statement.argument(1) if proxy.kind in ("frontend", "listen") else None
    return None if word is None or word.text == "from" else word


def _options(words: list[Word]) -> dict[str, Word | None]:
    """The options of a `bind` line, each with its argument where it takes one."""
    found: dict[str, Word | None] = {}
    rest = iter(words)
    for word in rest:
        found[word.text] = next(rest, None) if word.text in _VALUED else None
    return found


def _listed(statement: Statement, word: Word, options: dict[str, Word | None], proxy: Proxy) -> list[Bind]:
    """A bind for each of the addresses that `word` lists with commas."""
    if "," not in word.text or word.text != word.raw:
        return [Bind(statement, word, options, proxy)]
    binds, at = [], 0
    for text in word.text.split(","):
        binds.append(Bind(statement, word.part(at, at + len(text)), options, proxy))
        at += len(text) + 1
    return binds


def _ports(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    if not (low.isascii() and low.isdigit() and (not dash or high.isascii() and high.isdigit())) or len(text) > 11:
        return 0, 0
    return int(low), int(high) if dash else int(low)


def _text(word: Word | None) -> str | None:
    return None if word is None else word.text
