"""The servers of a proxy, and whether haproxy checks them (`server`, `default-server`; haproxy 1.5 to 3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from halint.lexer import compiled
from halint.readers.haproxy import Line, VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Proxy

#: The options of `server` that take an argument (`haproxy -dKall`, 2.6.0 to 3.4.0).
_VALUED = frozenset(
    {
        "addr", "agent-addr", "agent-inter", "agent-port", "agent-send", "alpn", "ca-file", "cc", "check-alpn",
        "check-pool-conn-name", "check-proto", "check-sni", "ciphers", "ciphersuites", "client-sigalgs", "cookie",
        "crl-file", "crt", "curves", "downinter", "error-limit", "fall", "fastinter", "guid", "hash-key", "healthcheck",
        "id", "idle-ping", "init-addr", "init-state", "inter", "interface", "ktls", "log-bufsize", "log-proto",
        "max-reuse", "maxconn", "maxqueue", "minconn", "namespace", "npn", "observe", "on-error", "on-marked-down",
        "on-marked-up", "pool-conn-name", "pool-low-conn", "pool-max-conn", "pool-purge-delay", "port", "proto",
        "proxy-v2-options", "quic-cc-algo", "redir", "resolve-net", "resolve-opts", "resolve-prefer", "resolvers",
        "rise", "shard", "sigalgs", "slowstart", "sni", "socks4", "source", "ssl-max-ver", "ssl-min-ver", "tcp-md5sig",
        "tcp-ut", "track", "usesrc", "verify", "verifyhost", "weight", "ws",
    }
)  # fmt: skip

#: What an option says of a server: the number of a flag in Flags, and its value.
_SAYS = {
    "check": (0, True), "no-check": (0, False), "agent-check": (1, True), "no-agent-check": (1, False),
    "track": (2, True), "disabled": (3, True), "enabled": (3, False), "backup": (4, True), "no-backup": (4, False),
}  # fmt: skip

_SKIPPED = {"default-server": 1, "server": 3, "server-template": 4}

#: check, agent-check, track, disabled, backup; None where a variable may say so.
Flags = tuple[bool | None, ...]
UNSET: Flags = (False,) * 5


class Server:
    """A `server` or `server-template` line.

    checked: whether haproxy finds out that it is down: `check`, `agent-check` or `track`, its own or of the
    default-server lines before it; None where a variable may say so. disabled: it starts without traffic.
    backup: it is used when no other is up. template: it stands for several, which DNS fills in.
    """

    __slots__ = ("backup", "checked", "disabled", "proxy", "statement", "template")

    def __init__(self, statement: Statement, proxy: Proxy, flags: Flags) -> None:
        self.statement = statement
        self.proxy = proxy
        self.template = statement.keyword == "server-template"
        self.checked = True if True in flags[:3] else None if None in flags[:3] else False
        self.disabled = flags[3] is not False
        self.backup = flags[4] is True

    @property
    def word(self) -> Word:
        """Its name."""
        return self.statement.argument() or self.statement.words[0]

    @property
    def name(self) -> str:
        return self.word.text

    @property
    def certain(self) -> bool:
        """Whether the line is there whatever the conditions around it are."""
        return self.proxy.certain and self.proxy.is_certain(self.statement)

    def __repr__(self) -> str:
        return f"Server({self.name!r})"


def of_proxy(statements: Iterable[Statement], proxy: Proxy, flags: Flags) -> tuple[list[Server], Flags]:
    """The servers of a section that starts with `flags`, and the flags that its default-server lines leave."""
    servers: list[Server] = []
    for statement in statements:
        keyword = statement.keyword
        # The options stand behind the name, the address, and how many.
        skipped = _SKIPPED.get(keyword, 0)
        if not skipped:
            continue
        plain = statement.plain if isinstance(statement, Line) else None
        if plain is None:
            own = _flags(_texts(statement.words[skipped:]), flags)
        else:
            head = compiled(rf"(?:[^ \t]+[ \t]*){{{skipped}}}").match(plain)
            own = _plain_flags("" if head is None else plain[head.end() :], flags)
        if skipped == 1:
            flags = own
        else:
            servers.append(Server(statement, proxy, own))
    return servers, flags


@lru_cache(maxsize=1024)
def _plain_flags(options: str, flags: Flags) -> Flags:
    """As _flags. Lines that end in the same options are many, also in different files."""
    return _flags(options.replace("\t", " ").split(" "), flags)


def _texts(words: list[Word]) -> list[str]:
    """The texts of `words`; "$" for one with variables."""
    return ["$" if isinstance(word, VariableWord) else word.text for word in words]


def _flags(options: list[str], flags: Flags) -> Flags:
    found = list(flags)
    rest = iter(options)
    for option in rest:
        if option in _VALUED:
            next(rest, None)
        if option in _SAYS:
            number, value = _SAYS[option]
            found[number] = value
        elif option == "$":
            found[:3] = [flag or None for flag in found[:3]]
    return tuple(found)
