"""The TCP ports that programs of a node held when that was captured, from ss(8) or netstat(8).

Who may bind beside whom was measured with haproxy 2.6.12 on Linux 6.18: a socket on all addresses and one on a single
address exclude each other, in both orders; `[::]` takes IPv4 as well unless it says v6only. netstat does not tell the
two kinds of `[::]` apart, ss does (`*` is both families).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.readers.lexer import compiled
from halint.tree import Word

if TYPE_CHECKING:
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

    def excludes(self, bind: Bind) -> bool:
        """Whether haproxy cannot have `bind`, which is certain, while this is there."""
        if not bind.low <= self.port <= bind.high or bind.protocol != "tcp":
            return False
        families = {self.family or bind.family, bind.family or self.family}
        return len(families) == 1 and (bind.wildcard or self.address is None or self.address == bind.address)


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
