"""What does not fit the mode of a proxy: haproxy refuses some of it, and ignores the rest.

Sources: check_config_validity and proxy_cfg_ensure_no_http, all of it measured on 2.6.12 and 2.8.25 with `haproxy -c`;
the options with HTTP in `haproxy -dKcfg`, 2.6.0 to 3.5-dev5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.readers.haproxy import VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy

#: The options that need mode http, and on which side: of a frontend, a backend, or both.
_OPTIONS = {
    "accept-invalid-http-request": "F", "accept-unsafe-violations-in-http-request": "F", "disable-h2-upgrade": "F",
    "http-drop-response-trailers": "F", "http-ignore-probes": "F", "http-use-proxy-header": "F",
    "idle-close-on-response": "F",
    "accept-invalid-http-response": "B", "accept-unsafe-violations-in-http-response": "B", "checkcache": "B",
    "http-drop-request-trailers": "B", "http-pretend-keepalive": "B", "prefer-last-server": "B",
    "forwardfor": "FB", "http-buffer-request": "FB", "http-no-delay": "FB", "originalto": "FB",
}  # fmt: skip

#: The log formats: each replaces the one before it.
_HTTP_LOGS = frozenset({"httplog", "httpslog"})
_LOGS = _HTTP_LOGS | {"tcplog"}

_RULES = ("http-request", "http-response", "http-after-response", "redirect")
_HASHES = frozenset({"uri", "url_param"})

#: `proto` of binds and servers: the modes in which haproxy can use it. (h2, fcgi and quic are not for every side.)
_PROTOCOLS = {"h1": "http", "h2": "http", "fcgi": "http", "none": "tcp"}

_SIDES = {"frontend": "F", "backend": "B", "listen": "FB"}


class Refusal:
    """What haproxy does not start with. word: where. because: what does not fit, and how. others: what it does not
    fit to."""

    __slots__ = ("because", "others", "word")

    def __init__(self, word: Word, because: str, others: list[Word]) -> None:
        self.word = word
        self.because = because
        self.others = others


class Ignored:
    """A line that does nothing in `proxies`, which are in mode tcp. what: how it begins. own: whether it stands in the
    one proxy itself, and not in what proxies start from."""

    __slots__ = ("own", "proxies", "what", "word")

    def __init__(self, word: Word, what: str, own: bool) -> None:
        self.word = word
        self.what = what
        self.own = own
        self.proxies: list[Proxy] = []

    @property
    def effect(self) -> str:
        """What haproxy does with it: of the log formats it has one for mode tcp."""
        is_log = self.what.removeprefix("option ") in _HTTP_LOGS
        return f"take {self.what} for option tcplog" if is_log else f"ignore {self.what}"


def mode(proxy: Proxy) -> str | None:
    """ "tcp" or "http", or None where it is another, or a condition or a variable decides."""
    setting = proxy.mode
    known = (
        setting.statement is None or proxy.is_certain(setting.statement) and not isinstance(setting.word, VariableWord)
    )
    return setting.value if known and setting.value in ("tcp", "http") else None


def refusals(haproxy: Haproxy) -> Iterator[Refusal]:
    for proxy in haproxy.senders:
        if mode(proxy) == "http":
            yield from _targets(haproxy, proxy)
    speaking = any(settings.proto for settings in haproxy.server_settings)
    for proxy in haproxy.running:
        own = mode(proxy)
        if own and (speaking or "bind" in proxy.keywords):
            yield from _protocols(proxy, own)
        if own == "tcp" and proxy.kind != "frontend":
            yield from _of_http_backends(proxy)


def _targets(haproxy: Haproxy, proxy: Proxy) -> Iterator[Refusal]:
    """A proxy in mode tcp may send to a backend in mode http, which then makes HTTP of it."""
    for word in proxy.targets:
        target = haproxy.backends.get(word.text)
        if target is not None and target.certain and mode(target) == "tcp":
            because = f"{proxy.kind} {proxy.name} is in mode http, and {target.kind} {target.name} in mode tcp"
            yield Refusal(word, because, [target.head])


def _protocols(proxy: Proxy, own: str) -> Iterator[Refusal]:
    said = [word for bind in proxy.binds if (word := bind.options.get("proto")) and bind.certain]
    if proxy.kind != "frontend":
        said += [s.value("proto") for s in proxy.servers if s.settings.proto and not s.settings.unknown and s.certain]
    for word in dict.fromkeys(said):
        needed = _PROTOCOLS.get(word.text, own)
        if needed != own and not isinstance(word, VariableWord):
            because = f"proto {word.text} needs mode {needed}, and {proxy.kind} {proxy.name} is in mode {own}"
            yield Refusal(word, because, [])


def _of_http_backends(proxy: Proxy) -> Iterator[Refusal]:
    where = f"{proxy.kind} {proxy.name} is in mode tcp"
    for statement in proxy.keyword("use-fcgi-app"):
        if proxy.is_certain(statement):
            yield Refusal(statement.words[0], f"use-fcgi-app needs mode http, and {where}", [])
    for server in proxy.servers:
        if server.settings.redir and not server.settings.unknown and server.certain:
            yield Refusal(server.option("redir"), f"redir needs mode http, and {where}", [])


def ignored(haproxy: Haproxy) -> list[Ignored]:
    """The lines that mean nothing in mode tcp, each once."""
    found: dict[tuple[Statement, str], Ignored] = {}
    for proxy in haproxy.running:
        if mode(proxy) != "tcp":
            continue
        for statement, what, word in _ignored(proxy):
            if proxy.is_certain(statement):
                own = statement.parent is proxy.statement
                found.setdefault((statement, what), Ignored(word, what, own)).proxies.append(proxy)
    return list(found.values())


def _ignored(proxy: Proxy) -> Iterator[tuple[Statement, str, Word]]:
    side = _SIDES[proxy.kind]
    found: list[tuple[Statement | None, str]] = []
    if "B" in side:
        found.append((proxy.inherited("cookie"), "cookie"))
        balance = proxy.inherited("balance")
        word = balance.argument() if balance else None
        if word is not None and (word.text in _HASHES or word.text.startswith("hdr(")):
            found.append((balance, f"balance {word.text}"))
    if "F" in side:
        found.append((proxy.inherited("monitor-uri"), "monitor-uri"))
        log = _log_format(proxy)
        found.append((log, f"option {log.words[1].text}" if log else ""))
    if not _becomes_http(proxy):
        found += _of_mode_http(proxy, side)
    for statement, what in found:
        if statement is not None:
            yield statement, what, statement.words[0]
    if "B" in side:
        server = next((s for s in proxy.servers if s.settings.cookie and not s.settings.unknown and s.certain), None)
        if server is not None:
            yield server.statement, "the cookies of servers", server.option("cookie")


def _of_mode_http(proxy: Proxy, side: str) -> Iterator[tuple[Statement | None, str]]:
    yield proxy.inherited("stats"), "stats"
    for keyword in _RULES:
        yield next(iter(proxy.keyword(keyword)), None), keyword
    if "F" in side:
        for statement in proxy.keyword("capture"):
            word = statement.argument()
            if word is not None and word.text == "cookie":
                yield statement, "capture cookie"
    for name, sides in _OPTIONS.items():
        if set(side) & set(sides):
            yield proxy.option(name), f"option {name}"


def _becomes_http(proxy: Proxy) -> bool:
    """Whether a rule makes HTTP of some connections (`tcp-request content switch-mode http`)."""
    return any(word.text == "switch-mode" for s in proxy.keyword("tcp-request") for word in s.words[2:3])


def _log_format(proxy: Proxy) -> Statement | None:
    """The `option httplog` or `option httpslog` that makes its log format, where one does."""
    at: Proxy | None = proxy
    while at is not None:
        said = [statement for name, statement in at.option_lines if name in _LOGS]
        said += at.keyword("log-format")
        if said:
            last = max(said, key=lambda statement: statement.start)
            return last if last.keyword == "option" and last.words[1].text in _HTTP_LOGS else None
        at = at.defaults
    return None
