"""What haproxy.cfg defines twice: sections, servers, numbers.

haproxy judges each kind in its own way (cfg_parse_listen and check_config_validity; measured on 2.6.12 and 2.8.25,
and a frontend and a backend of one name on 3.4.0): it refuses most, and ignores the second of some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from halint.models.haproxy.names import expanded
from halint.readers.haproxy import VariableWord
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.source import Source

#: The sections of which each needs a name of its own, and whether haproxy refuses a second one, or ignores it.
_SECTIONS = {
    "peers": True, "resolvers": True, "mailers": True, "cache": True, "ring": True, "http-errors": True,
    "fcgi-app": True, "program": True, "userlist": False,
}  # fmt: skip

#: What needs a name of its own among the lines of its kind in a section.
_LINES = (("resolvers", "nameserver", True), ("userlist", "user", False), ("userlist", "group", False))

#: Among which sections before it haproxy looks for one with the name of a new one.
_FRONT = ("frontend", "listen", "log-forward")
_BACK = ("backend", "listen", "log-forward")
_ALL = ("frontend", "listen", "backend", "log-forward")

#: Since when a frontend and a backend must not share a name, and a peers section must not have a peer twice.
_ONE_NAMESPACE = (3, 3)
_PEERS_SINCE = (2, 8)


class Duplicate:
    """`word` defines again what `first` does. what: of what kind it is, with its name. fatal: whether haproxy refuses
    to start; else it ignores the second."""

    __slots__ = ("fatal", "first", "what", "word")

    def __init__(self, what: str, word: Word, first: Word, fatal: bool = True) -> None:
        self.what = what
        self.word = word
        self.first = first
        self.fatal = fatal

    def __repr__(self) -> str:
        return f"Duplicate({self.what!r})"


def duplicates(haproxy: Haproxy) -> Iterator[Duplicate]:
    """What is defined twice, where both are there for certain. Where the version of haproxy is not known, a frontend
    and a backend may share a name, as they may in most versions in use."""
    version = haproxy.version
    yield from _proxies(haproxy, version is not None and version[:2] >= _ONE_NAMESPACE)
    yield from _defaults(haproxy)
    for keyword, fatal in _SECTIONS.items():
        words = [section.word for section in haproxy.sections_of(keyword) if section.certain]
        yield from _twice(f"{keyword} section {{}}", words, fatal)
    peers = (("peers", "peer", True),) if version is None or version[:2] >= _PEERS_SINCE else ()
    for keyword, line, fatal in (*_LINES, *peers):
        for section in haproxy.sections_of(keyword):
            if section.certain:
                words = [s.argument() for s in _certain(haproxy, section.body) if s.keyword == line]
                yield from _twice(f"{line} {{}} in {keyword} {section.name}", words, fatal)
    told_apart = "server-template" in haproxy.keywords or any(settings.id for settings in haproxy.server_settings)
    for proxy in haproxy.proxies:
        if proxy.certain and (told_apart or len({server.name for server in proxy.servers}) < len(proxy.servers)):
            yield from _servers(proxy)
    for proxy in _having(haproxy, "stats"):
        yield from _same(f"user {{}} of stats in {proxy.kind} {proxy.name}", _stats_users(proxy), fatal=False)
    with_table = _having(haproxy, "stick-table")
    tables = [(proxy.name, proxy.keyword("stick-table")[0].words[0]) for proxy in with_table]
    yield from _same("stick table {}", tables)
    numbers = [s for proxy in _having(haproxy, "id") for s in _certain(haproxy, proxy.keyword("id"))]
    yield from _twice("proxy with the id {}", [statement.argument() for statement in numbers])
    for proxy in _having(haproxy, "bind"):
        numbered = {bind.statement: bind.options["id"] for bind in proxy.binds if "id" in bind.options and bind.certain}
        if len(numbered) > 1:
            yield from _twice(f"bind with the id {{}} in {proxy.kind} {proxy.name}", numbered.values())


def _having(haproxy: Haproxy, keyword: str) -> list[Proxy]:
    return [proxy for proxy in haproxy.having(keyword) if proxy.certain and proxy.kind != "defaults"]


def _certain(haproxy: Haproxy, statements: Iterable[Statement]) -> Iterator[Statement]:
    return (statement for statement in statements if statement not in haproxy.doubtful)


def _twice(what: str, words: Iterable[Word | None], fatal: bool = True) -> Iterator[Duplicate]:
    """what: with `{}` for the name."""
    return _same(what, [(word.text, word) for word in words if word is not None], fatal)


def _same(what: str, named: Iterable[tuple[str, Word]], fatal: bool = True) -> Iterator[Duplicate]:
    first: dict[str, Word] = {}
    for name, word in named:
        if isinstance(word, VariableWord):
            continue
        if name in first:
            yield Duplicate(what.replace("{}", repr(name), 1), word, first[name], fatal)
        first.setdefault(name, word)


def _stats_users(proxy: Proxy) -> list[tuple[str, Word]]:
    lines = [s.words for s in proxy.keyword("stats") if len(s.words) > 2 and proxy.is_certain(s)]
    return [(words[2].text.partition(":")[0], words[2]) for words in lines if words[1].text == "auth"]


def _proxies(haproxy: Haproxy, one_namespace: bool) -> Iterator[Duplicate]:
    heads = [(proxy.kind, proxy.head) for proxy in haproxy.proxies if proxy.section_certain and proxy.name]
    forwards = [(s.statement.keyword, s.word) for s in haproxy.sections_of("log-forward") if s.certain]
    heads += [(keyword, word) for keyword, word in forwards if word is not None]
    order = {source: number for number, source in enumerate(haproxy.sources)}
    heads.sort(key=lambda head: (order[head[1].source], head[1].start))
    seen: dict[tuple[str, str], Word] = {}
    for kind, word in heads:
        if isinstance(word, VariableWord):
            continue
        others = _ALL if one_namespace or kind == "log-forward" else _BACK if kind == "backend" else _FRONT
        found = next((other for other in others if (other, word.text) in seen), None)
        if found is not None:
            yield Duplicate(f"{found} {word.text!r}", word, seen[found, word.text])
        seen.setdefault((kind, word.text), word)


def _defaults(haproxy: Haproxy) -> Iterator[Duplicate]:
    """Two defaults sections may share a name, but not before a section that asks for it."""
    order = {source: number for number, source in enumerate(haproxy.sources)}
    named: dict[str, list[Proxy]] = {}
    for proxy in haproxy.defaults:
        if proxy.section_certain and proxy.name:
            named.setdefault(proxy.name, []).append(proxy)
    for proxy in [*haproxy.defaults, *haproxy.proxies]:
        word = proxy.origin
        if word is None or not proxy.section_certain or isinstance(word, VariableWord):
            continue
        first, second = [*named.get(word.text, []), None, None][:2]
        if first and second and _place(second, order) < _place(proxy, order):
            yield Duplicate(f"defaults section {word.text!r}", word, first.head)


def _place(proxy: Proxy, order: dict[Source, int]) -> tuple[int, int]:
    return order[proxy.statement.source], proxy.statement.start


def _servers(proxy: Proxy) -> Iterator[Duplicate]:
    """Servers with an id of their own may share a name. Names are judged last, and not in a disabled proxy."""
    servers = [s for s in proxy.servers if not s.settings.unknown and s.certain]
    where = f"in {proxy.kind} {proxy.name}"
    yield from _twice(f"server with the id {{}} {where}", [s.value("id") for s in servers if s.settings.id])
    if not proxy.disabled and len(servers) > 1:
        first: dict[str, Word] = {}
        for server in servers:
            names = [] if server.settings.id or isinstance(server.word, VariableWord) else expanded(server)
            for name in names:
                if name in first:
                    yield Duplicate(f"server {name!r} {where}", server.word, first[name])
                    break
                first[name] = server.word
