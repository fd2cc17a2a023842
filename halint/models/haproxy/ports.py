"""The TCP ports that haproxy opens itself: those that it listens on, and those that it connects to.

Only what certainly counts: no variables, no names of services, no conditions. Sources: the configuration manual of
haproxy 2.6, `bind`, `peer`, `stats socket`, `server` and its options `check`, `addr`, `port`, `socks4`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from halint import address
from halint.light import lru_cache
from halint.readers.haproxy import VariableWord
from halint.tree import Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy
    from halint.models.haproxy.servers import Server
    from halint.node import Node

#: The prefixes of addresses that are reached by TCP.
_TCP = frozenset({"", "ip", "ipv4", "ipv6", "tcp", "tcp4", "tcp6"})


#: Of a wider range of ports only the ends are looked at.
_MAX_PORTS = 64


def within(low: int, high: int) -> Sequence[int]:
    """The ports from `low` to `high`, or of a wide range its ends."""
    return range(low, high + 1) if high - low < _MAX_PORTS else (low, high)


class Peer:
    """A line of a peers section, of the node itself. host: its address, canonical. word: where both stand."""

    __slots__ = ("host", "port", "section", "word")

    def __init__(self, section: str, host: str, port: int, word: Word) -> None:
        self.section = section
        self.host = host
        self.port = port
        self.word = word


def own_peers(node: Node) -> list[Peer]:
    """The addresses at which `node` waits for its peers: the last of each section."""
    found: dict[str, Peer] = {}
    names = {node.name, node.interfaces.hostname or node.name}
    for section in node.haproxy.sections_of("peers") if node.haproxy is not None else ():
        for line in section.body if section.certain else ():
            name, word = line.argument(), line.argument(1)
            if line.keyword in ("peer", "server") and name is not None and name.text in names and word is not None:
                text, port = _place(word)
                host = address.canonical(text)
                if host is not None and port:
                    found[section.name] = Peer(section.name, host, port, word)
    return list(found.values())


def listening(node: Node, haproxy: Haproxy) -> Iterator[tuple[Word, int, int]]:
    """Where haproxy listens: the word, the first and the last port."""
    for bind in haproxy.certain_binds:
        if bind.protocol == "tcp" and not bind.proxy.disabled:
            yield bind.word, bind.low, bind.high
    for peer in own_peers(node) if haproxy.sections_of("peers") else ():
        yield peer.word, peer.port, peer.port
    for section in (*haproxy.sections_of("peers"), *haproxy.sections_of("global")):
        for line in section.body if section.certain else ():
            word = None
            if line.keyword == "bind":
                word = line.argument()
            elif line.keyword == "stats" and line.argument() is not None and line.words[1].text == "socket":
                word = line.argument(1)
            if word is not None and (port := _place(word)[1]):
                yield word, port, port


def connecting(haproxy: Haproxy) -> Iterator[tuple[Server, int]]:
    """The servers that haproxy connects to, each with the port, and with that of its checks where it has another."""
    for proxy in haproxy.running:
        for server in proxy.servers:
            if not server.certain or server.disabled or server.settings.incomplete:
                continue
            port = _split(server.address)[1]
            if port:
                yield server, port
            checked = _number(server.settings.port) if server.settings.check else 0
            if checked:
                yield server, checked


def asking(server: Server, port: int) -> Word | None:
    """The word by which haproxy connects to `port` of `server`; None where something else connects for it."""
    if any(word.text in ("socks4", "namespace") for word in server.statement.words):
        return None
    return server.head[-1] if _split(server.address)[1] == port else server.value("port")


def _place(word: Word) -> tuple[str, int]:
    return ("", 0) if isinstance(word, VariableWord) else _split(word.text)


@lru_cache(maxsize=4096)
def _split(text: str) -> tuple[str, int]:
    """Host and port of an address of TCP; the port is 0 where it is another, or relative to one (`+1000`)."""
    prefix, _, rest = text.rpartition("@")
    if text.startswith("/") or prefix not in _TCP or "$" in text:
        return "", 0
    host, colon, port = rest.rpartition(":")
    return (host.removeprefix("[").removesuffix("]"), _number(port)) if colon else ("", 0)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
