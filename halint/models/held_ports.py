"""The TCP ports that programs of a node held when that was captured, from ss(8) or netstat(8).

Who may bind beside whom was measured with haproxy 2.6.12 on Linux 6.18: a socket on all addresses and one on a single
address exclude each other, in both orders; `[::]` takes IPv4 as well unless it says v6only. netstat does not tell the
two kinds of `[::]` apart, ss does (`*` is both families).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.models.haproxy.ports import within
from halint.readers.lexer import compiled
from halint.tree import Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.models.haproxy.listeners import Bind
    from halint.node import Node

_FOLDER = "/sos_commands/networking/"
_SS = ("ss_-lntup", "ss_-lntp", "ss_-peaonmi")
_NETSTAT = ("netstat_-W_-neopa", "netstat_-T_-neopa", "netstat_-neopa", "netstat_-lntup", "netstat_-lntp")
_LINES = {
    _SS: r"(?m)^(?:tcp[ \t]+)?LISTEN[ \t]+[0-9]+[ \t]+[0-9]+[ \t]+([^ \t\r\n]+):([0-9]+)[ \t]+[^ \t\r\n]+[ \t]+"
    r'users:\(\("([^"\r\n]+)"',
    _NETSTAT: r"(?m)^tcp6?[ \t]+[0-9]+[ \t]+[0-9]+[ \t]+([^ \t\r\n]+):([0-9]+)[ \t]+[^ \t\r\n]+[ \t]+LISTEN[ \t]"
    r"[^/\r\n]*[ \t][0-9]+/([^ \t\r\n:/]+)",
}


class Held:
    """A port that `program` listened on. address: canonical; None for all of `family`. family: 4, 6, or None for both.
    word: where that is said."""

    __slots__ = ("address", "family", "port", "program", "word")

    def __init__(self, host: str, port: int, program: str, word: Word) -> None:
        plain = host.removeprefix("[").removesuffix("]")
        self.address = None if plain in ("*", "0.0.0.0", "::") else address.canonical(plain)
        self.family = None if plain == "*" else 6 if ":" in plain else 4
        self.port = port
        self.program = program
        self.word = word


class Ports:
    """Held ports, to be asked which of them keeps haproxy from a bind."""

    def __init__(self, held: Iterable[Held]) -> None:
        self._at: dict[tuple[int, str], Held] = {}
        self._wild: dict[tuple[int, int | None], Held] = {}
        self._any: dict[tuple[int, int | None], Held] = {}
        for one in held:
            if one.address is None:
                self._wild.setdefault((one.port, one.family), one)
            else:
                self._at.setdefault((one.port, one.address), one)
            self._any.setdefault((one.port, one.family), one)

    def against(self, bind: Bind) -> Held | None:
        """What excludes `bind`, which is certain; the first, of several ports."""
        for port in within(bind.low, bind.high):
            found = self._on(port, bind) if bind.protocol == "tcp" else None
            if found is not None:
                return found
        return None

    def _on(self, port: int, bind: Bind) -> Held | None:
        families = (4, 6, None) if bind.family is None else (bind.family, None)
        known = self._any if bind.wildcard else self._wild
        found = None if bind.wildcard else self._at.get((port, bind.address or ""))
        return found or next((known[port, family] for family in families if (port, family) in known), None)


def read(node: Node) -> list[Held]:
    """What was held, one for each address and port; nothing where it was not captured with the names of programs."""
    for names, pattern in _LINES.items():
        for name in names:
            source = node.files.get(_FOLDER + name)
            if source is None:
                continue
            found: dict[tuple[str, str], Held] = {}
            for line in compiled(pattern).finditer(source.text):
                host, port, program = line.groups()
                unclear = names is _NETSTAT and host == "::"
                if not unclear and "%" not in host and len(port) < 6:
                    found.setdefault((host, port), Held(host, int(port), program, Word(source, *line.span(3))))
            if found:
                return list(found.values())
    return []
