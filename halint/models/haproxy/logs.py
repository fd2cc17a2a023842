"""Where haproxy sends its log lines (`log`, configuration manual 3.1 and 4.2; haproxy 1.5 to 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.readers.haproxy import VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Proxy

#: How the target of a `log` line is reached, by the prefix of the address.
_PREFIXES = {
    "udp": "udp", "udp4": "udp", "udp6": "udp", "ip": "udp", "ipv4": "udp", "ipv6": "udp",
    "tcp": "tcp", "tcp4": "tcp", "tcp6": "tcp", "unix": "unix", "uxdg": "unix", "uxst": "unix", "ring": "ring",
}  # fmt: skip
_VALUED = frozenset({"len", "format", "sample", "profile"})
SYSLOG_PORT = 514


class LogTarget:
    """One `log` line, but for `log global`.

    kind: "udp", "tcp", "unix", "ring", "stdout" (stderr too) or "unknown" (variables, file descriptors, backends).
    host: canonical address, or the name as written; "" unless udp or tcp. path: of the socket, for unix.
    facility: as written, lower case; "" where it is missing or a variable. proxy: None for the global section's.
    """

    __slots__ = ("facility", "host", "kind", "path", "port", "proxy", "statement", "word")

    def __init__(self, statement: Statement, proxy: Proxy | None) -> None:
        self.statement = statement
        self.proxy = proxy
        self.word = statement.argument() or statement.words[0]
        self.kind, self.host, self.port, self.path = _target(self.word)
        facility = _facility(statement.words[2:])
        self.facility = "" if facility is None or isinstance(facility, VariableWord) else facility.text.lower()

    def __repr__(self) -> str:
        return f"LogTarget({self.word.text!r}, {self.facility!r})"


def is_global(statement: Statement) -> bool:
    """Whether a `log` line is `log global`."""
    word = statement.argument()
    return word is not None and word.text == "global"


def _target(word: Word) -> tuple[str, str, int, str]:
    text = word.text
    if "$" in text or isinstance(word, VariableWord):
        return "unknown", "", 0, ""
    if text in ("stdout", "stderr"):
        return "stdout", "", 0, ""
    prefix, at, rest = text.partition("@")
    if not at:
        prefix, rest = "unix" if text.startswith("/") else "udp", text
    kind = _PREFIXES.get(prefix.removeprefix("stream+").removeprefix("dgram+"), "unknown")
    if kind == "unix":
        return kind, "", 0, rest
    if kind not in ("udp", "tcp"):
        return kind, "", 0, ""
    # An IPv6 address without brackets ends at its last colon: `::1` is the name `:` and port 1, which haproxy refuses.
    host, colon, port = (rest, "", "") if rest.endswith("]") or ":" not in rest else rest.rpartition(":")
    number = int(port) if colon and port.isascii() and port.isdigit() and len(port) < 6 else SYSLOG_PORT
    host = host.removeprefix("[").removesuffix("]")
    return kind, address.canonical(host) or host, number, ""


def _facility(words: list[Word]) -> Word | None:
    rest = iter(words)
    for word in rest:
        if word.text not in _VALUED:
            return word
        next(rest, None)
    return None
