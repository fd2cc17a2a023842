"""The servers of a proxy, and what haproxy will do with each (`server`, `default-server`; haproxy 1.5 to 3.4)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from halint.light import attrgetter, lru_cache
from halint.models.haproxy import hosts
from halint.patterns.haproxy_table import KEYWORDS
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.tree import Line, Statement, Word

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

#: The options that switch something on or off: which setting, and what to.
_SWITCHES = {
    "check": ("check", True), "no-check": ("check", False),
    "agent-check": ("agent_check", True), "no-agent-check": ("agent_check", False),
    "disabled": ("disabled", True), "enabled": ("disabled", False),
    "backup": ("backup", True), "no-backup": ("backup", False),
    "ssl": ("ssl", True), "no-ssl": ("ssl", False),
    "check-ssl": ("check_ssl", True), "no-check-ssl": ("check_ssl", False),
}  # fmt: skip

#: The options whose argument is a setting.
_VALUES = {
    "addr": "addr", "ca-file": "ca_file", "cookie": "cookie", "id": "id", "init-addr": "init_addr", "port": "port",
    "proto": "proto", "redir": "redir", "resolvers": "resolvers", "track": "track", "verify": "verify",
}  # fmt: skip

#: The options that a server has in some version.
_KNOWN = KEYWORDS["server"].keys()

#: What stands before the options: the keyword, the name, how many, and the address.
_HEADS = {
    "default-server": r"[^ \t]+[ \t]*()()",
    "server": r"[^ \t]+[ \t]+([^ \t]+)[ \t]+([^ \t]+)[ \t]*",
    "server-template": r"[^ \t]+[ \t]+([^ \t]+)[ \t]+[^ \t]+[ \t]+([^ \t]+)[ \t]*",
}

_SKIPPED = {"default-server": 1, "server": 3, "server-template": 4}


class Settings:
    """What the options of a `server` line say, those of the default-server lines before it included; "" where
    nothing does. default_ssl: whether a default-server line says `ssl`, whatever the line itself says. unknown: whether
    a variable may say anything else. incomplete: whether more is meant than is said: a variable, or a word that no
    haproxy knows, may stand for what seems to be missing. Equal lines share one object: never change it.
    """

    __slots__ = (
        "addr", "agent_check", "backup", "ca_file", "check", "check_ssl", "cookie", "default_ssl", "disabled", "id",
        "incomplete", "init_addr", "port", "proto", "redir", "resolvers", "ssl", "track", "unknown", "verify",
    )  # fmt: skip

    def __init__(self) -> None:
        self.check = self.agent_check = self.disabled = self.backup = self.ssl = self.check_ssl = False
        self.default_ssl = self.unknown = self.incomplete = False
        self.addr = self.ca_file = self.cookie = self.id = self.init_addr = self.port = self.proto = ""
        self.redir = self.resolvers = self.track = self.verify = ""

    def but(self, options: list[str]) -> Settings:
        """These settings after `options`; "$" stands for a word with variables."""
        made = Settings()
        for name in Settings.__slots__:
            setattr(made, name, getattr(self, name))
        made.default_ssl = self.ssl
        rest = iter(options)
        for option in rest:
            if option in _VALUED:
                value = next(rest, "")
                if option in _VALUES:
                    setattr(made, _VALUES[option], value)
            elif option in _SWITCHES:
                setattr(made, *_SWITCHES[option])
            elif option == "$":
                made.unknown = made.incomplete = True
            elif option.partition("(")[0] not in _KNOWN:
                made.incomplete = True
        return made


UNSET = Settings()


class Server:
    """A `server` or `server-template` line.

    name: its name, or the prefix of a template's names. address: as written; "" where it is missing or holds variables.
    checked: whether haproxy finds out that it is down: `check`, `agent-check` or `track`; None where the line is
    incomplete. disabled: it starts without traffic. backup: it is used when no other is up. template: it stands for
    several, which DNS fills in.
    """

    __slots__ = ("address", "name", "proxy", "settings", "statement")

    def __init__(self, statement: Statement, proxy: Proxy, name: str, address: str, settings: Settings) -> None:
        self.statement = statement
        self.proxy = proxy
        self.name = name
        self.address = address
        self.settings = settings

    @property
    def host(self) -> str:
        """The name that haproxy must resolve to reach it; "" where it is an address, a socket, or not known."""
        return hosts.host(self.address)

    @property
    def must_resolve(self) -> bool:
        """Whether haproxy starts only where its name has an address: neither `resolvers` nor `init-addr` let it go
        (srv_iterate_initaddr; 2.6.12 and 2.8.25)."""
        settings = self.settings
        if settings.incomplete or settings.resolvers:
            return False
        return all(method in ("", "last", "libc") for method in settings.init_addr.split(","))

    @property
    def template(self) -> bool:
        return self.statement.keyword == "server-template"

    @property
    def checked(self) -> bool | None:
        settings = self.settings
        if settings.check or settings.agent_check or settings.track:
            return True
        return None if settings.incomplete else False

    @property
    def disabled(self) -> bool:
        return self.settings.disabled

    @property
    def backup(self) -> bool:
        return self.settings.backup

    @property
    def word(self) -> Word:
        """Its name."""
        return self.statement.argument() or self.statement.words[0]

    @property
    def head(self) -> list[Word]:
        """The words before the options: its name, the address, and how many a template makes."""
        return self.statement.words[1 : _SKIPPED[self.statement.keyword]]

    def option(self, name: str) -> Word:
        """Where the line says `name`, or its name where a default-server line does."""
        words = self.statement.words[_SKIPPED[self.statement.keyword] :]
        return next((word for word in words if word.text == name), self.word)

    def value(self, name: str) -> Word:
        """The argument of the option `name` on the line, or its name where a default-server line says it."""
        words = self.statement.words[_SKIPPED[self.statement.keyword] :]
        return next((words[n] for n in range(len(words) - 1, 0, -1) if words[n - 1].text == name), self.word)

    @property
    def certain(self) -> bool:
        """Whether the line is there whatever the conditions around it are."""
        return self.proxy.certain and self.proxy.is_certain(self.statement)

    def __repr__(self) -> str:
        return f"Server({self.name!r})"


def of_proxy(proxy: Proxy, settings: Settings) -> tuple[list[Server], Settings]:
    """The servers of a section that starts with `settings`, and the settings that its default-server lines leave."""
    servers: list[Server] = []
    for statement in _lines(proxy):
        keyword = statement.keyword
        head = None
        if isinstance(statement, Line):
            text, end = statement.source.text, statement.end
            head = compiled(_HEADS[keyword]).match(text, statement.start, end)
        if head is not None:
            name, address = head[1], head[2]
            own = _plain(text[head.end() : end], settings)
        else:
            skipped = _SKIPPED[keyword]
            words = statement.words
            name = words[1].text if len(words) > 1 else keyword
            address = _texts(words[skipped - 1 : skipped])[0].replace("$", "") if len(words) >= skipped else ""
            own = settings.but(_texts(words[skipped:]))
        if keyword == "default-server":
            settings = own
        else:
            servers.append(Server(statement, proxy, name, address, own))
    return servers, settings


def _lines(proxy: Proxy) -> list[Statement]:
    """The lines of a section that are about servers, in order."""
    found = [lines for keyword in _HEADS if (lines := proxy.keyword(keyword))]
    if len(found) < 2:
        return found[0] if found else []
    return sorted(chain(*found), key=attrgetter("start"))


@lru_cache(maxsize=1024)
def _plain(options: str, settings: Settings) -> Settings:
    """`settings` after `options`. Lines that end in the same options are many, also in different files."""
    return settings.but([option for option in options.replace("\t", " ").split(" ") if option])


def _texts(words: list[Word]) -> list[str]:
    """The texts of `words`; "$" for one with variables."""
    return ["$" if isinstance(word, VariableWord) else word.text for word in words]
