"""Lines of haproxy.cfg that exclude each other: haproxy refuses some pairs, and drops one of others.

Source: check_config_validity, srv_apply_track; measured on 2.6.12 and 2.8.25 with `haproxy -c`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.light import counted
from halint.readers.haproxy import VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy.servers import Server


#: The first version that was seen to complain of `from` here and none there.
_TELLS_MIXED = (2, 6)


class Conflict:
    """word: what does not go with `other`, which may be the same. effect: what haproxy does, behind its name.
    cure: what to do. fatal: whether haproxy does not start."""

    __slots__ = ("cure", "effect", "fatal", "other", "word")

    def __init__(self, word: Word, other: Word, effect: str, cure: str, fatal: bool) -> None:
        self.word = word
        self.other = other
        self.effect = effect
        self.cure = cure
        self.fatal = fatal


def conflicts(haproxy: Haproxy) -> Iterator[Conflict]:
    tracking = any(settings.track for settings in haproxy.server_settings)
    for proxy in haproxy.proxies if tracking else ():
        if proxy.certain:
            yield from _check_and_track(proxy)
    for proxy in haproxy.senders:
        if proxy.kind != "frontend":
            yield from _to_itself(proxy)
    overruling = "dispatch" in haproxy.keywords or any("transparent" in source.text for source in haproxy.sources)
    for proxy in haproxy.running:
        if "bind" in proxy.keywords:
            yield from _one_id(proxy)
        if "stats" in proxy.keywords:
            yield from _stats(proxy)
        if overruling and proxy.kind != "frontend":
            yield from _balance(proxy)
        if proxy.kind == "listen":
            yield from _unused_servers(proxy)
    if tracking:
        yield from _tracks(haproxy)
    yield from _mixed(haproxy)


def _fatal(word: Word, other: Word, because: str, cure: str) -> Conflict:
    return Conflict(word, other, f"will not start: {because}", cure, True)


def _known(proxy: Proxy, statement: Statement | None) -> Statement | None:
    return statement if statement is not None and proxy.is_certain(statement) else None


def _check_and_track(proxy: Proxy) -> Iterator[Conflict]:
    for server in proxy.servers:
        settings = server.settings
        if settings.check and settings.track and not settings.unknown and server.certain:
            because = f"server {server.name} of {proxy.kind} {proxy.name} has both `check` and `track`"
            yield _fatal(server.option("track"), server.option("check"), because, "keep one of them")


def _to_itself(proxy: Proxy) -> Iterator[Conflict]:
    for word in proxy.targets:
        if word.text == proxy.name:
            because = f"{proxy.kind} {proxy.name} sends to itself"
            yield _fatal(word, proxy.head, because, "name another backend, or remove the line")


def _one_id(proxy: Proxy) -> Iterator[Conflict]:
    """An id is one socket's: a line with several has none to give."""
    numbered = [bind for bind in proxy.binds if "id" in bind.options]
    lines = counted(bind.statement for bind in numbered)
    for bind in numbered:
        number = bind.options["id"]
        if number is not None and bind.certain and (bind.high > bind.low or lines[bind.statement] > 1):
            because = f"a bind in {proxy.kind} {proxy.name} opens several sockets, and `id` is for one"
            yield _fatal(number, bind.word, because, "write a line for each, or remove it")
            lines[bind.statement] = 0


def _mixed(haproxy: Haproxy) -> Iterator[Conflict]:
    """Of the proxies of one defaults section, the first that names it where those before do not, or the reverse."""
    first: dict[Proxy, Proxy] = {}
    told: set[Proxy] = set()
    for proxy in haproxy.proxies:
        start = proxy.defaults
        if start is None or start in told or not proxy.certain:
            continue
        other = first.setdefault(start, proxy)
        if (other.origin is None) != (proxy.origin is None) and haproxy.language >= _TELLS_MIXED:
            told.add(start)
            one, two = (proxy, other) if proxy.origin else (other, proxy)
            effect = (
                f"warns that {one.kind} {one.name} names defaults {start.name}, and {two.kind} {two.name} takes it as "
                "the last before it"
            )
            yield Conflict(proxy.head, other.head, effect, f"write `from {start.name}` in each, or in none", False)


def _tracks(haproxy: Haproxy) -> Iterator[Conflict]:
    """Of the servers that track each other in a ring, the last one stands for all."""
    seen: set[Server] = set()
    for first in (server for proxy in haproxy.running for server in proxy.servers):
        path: dict[Server, None] = {}
        at: Server | None = first
        while at is not None and at not in seen and at.settings.track and not at.settings.unknown and at.certain:
            seen.add(at)
            path[at] = None
            at = haproxy.server(at.settings.track, at.proxy)
        if at in path:
            ring = list(path)[list(path).index(at) :]
            last = max(ring, key=lambda server: server.statement.start)
            because = f"server {last.name} of {last.proxy.kind} {last.proxy.name} tracks itself in the end"
            yield _fatal(last.value("track"), last.word, because, "check one of the servers instead")


def _stats(proxy: Proxy) -> Iterator[Conflict]:
    lines = {word.text: s for s in proxy.keyword("stats") if proxy.is_certain(s) and (word := s.argument())}
    password = lines.get("auth") or lines.get("realm")
    if "http-request" in lines and password:
        because = f"{proxy.kind} {proxy.name} has both stats {password.words[1].text} and stats http-request"
        cure = "write `stats http-request auth unless { http_auth(...) }` alone"
        yield _fatal(lines["http-request"].words[0], password.words[0], because, cure)


def _balance(proxy: Proxy) -> Iterator[Conflict]:
    transparent = _known(proxy, proxy.option("transparent"))
    dispatch = _known(proxy, proxy.inherited("dispatch"))
    balance = _known(proxy, proxy.inherited("balance")) if transparent or dispatch else None
    if balance is None:
        return
    where = f"{proxy.kind} {proxy.name}"
    if transparent is not None:
        because = f"{where} has both option transparent and balance"
        yield _fatal(transparent.words[0], balance.words[0], because, "keep one of them")
    elif dispatch is not None:
        effect = f"will ignore dispatch in {where}, which has balance"
        yield Conflict(dispatch.words[0], balance.words[0], effect, "make a server of it, or remove it", False)


def _unused_servers(proxy: Proxy) -> Iterator[Conflict]:
    default = _known(proxy, proxy.inherited("default_backend"))
    word = default.argument() if default else None
    if word is not None and not isinstance(word, VariableWord) and proxy.servers and word.text != proxy.name:
        effect = f"will never use the servers of listen {proxy.name}, which has a default_backend"
        yield Conflict(word, proxy.servers[0].word, effect, "remove one of them", False)
