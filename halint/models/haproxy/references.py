"""The names that lines of haproxy.cfg refer to, and those of them that nothing has.

haproxy looks them up once all lines are read, for every proxy that is not disabled, and for every defaults section
with rules that such a proxy starts from (check_config_validity in cfgparse.c, smp_resolve_args in sample.c; measured
on 2.6.12 and 2.8.25). `default_backend` and `use_backend` are not among them: the rule HA101 knows these.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from halint.models.haproxy import calls
from halint.models.haproxy.names import Names
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy.servers import Server
    from halint.node import Node

_RULES = frozenset({"http-request", "http-response", "http-after-response", "tcp-request", "tcp-response"})

#: The lines in which haproxy reads expressions. It ignores those of a backend in a frontend.
_EXPRESSIONS = _RULES | {"acl", "use_backend", "use-server", "redirect", "monitor", "stick", "balance", "tcp-check"}
_BACKENDS_ONLY = frozenset({"stick", "balance", "tcp-check"})

#: What a line with any of these references holds somewhere.
_MARKS = (
    "track-sc", "cache-use", "cache-store", "do-resolve(", "errorfiles", "set-bandwidth-limit", "send-spoe-group",
    "capture", "table", "http_auth", "sc_", "sc0_", "sc1_", "sc2_", "src_", "nbsrv", "avg_queue", "be_", "connslots",
    "queue", "fe_", "srv_",
)  # fmt: skip

_FILTERS = {"cache": "cache", "fcgi-app": "fcgi-app"}


class Reference:
    """A name in a line. what: what it should be the name of, with the name, as "stick table 'abuse'".
    name: what haproxy looks for. word: where it stands, or what needs it where it is left out. names: those that there
    are."""

    __slots__ = ("name", "names", "what", "word")

    def __init__(self, what: str, name: str, word: Word, names: Container[str]) -> None:
        self.what = what.replace("{}", repr(name), 1)
        self.name = name
        self.word = word
        self.names = names

    def __repr__(self) -> str:
        return f"Reference({self.what})"


def undefined(node: Node, haproxy: Haproxy) -> list[Reference]:
    """The references on `node` that name nothing, where that is certain, in the order of the files."""
    missing = (
        reference
        for reference in _References(node, haproxy).all()
        if not isinstance(reference.word, VariableWord)
        and reference.name not in reference.names
        and reference.name not in haproxy.lost_names
    )
    # What several proxies take over is looked up for each, and said once.
    found = {(one.word.source.path, one.word.start, one.what): one for one in missing}
    return [found[place] for place in sorted(found)]


def _after(words: list[Word], keyword: str) -> Word | None:
    """The word behind `keyword`, unless the condition comes first."""
    for number, word in enumerate(words[:-1]):
        if word.text in ("if", "unless"):
            break
        if word.text == keyword:
            return words[number + 1]
    return None


class _References:
    def __init__(self, node: Node, haproxy: Haproxy) -> None:
        self.haproxy = haproxy
        self.names = Names(node, haproxy)
        self.judged = haproxy.running
        # What a defaults section says is looked up only where a proxy that is judged starts from it.
        self.used = {proxy.defaults for proxy in self.judged if proxy.defaults is not None and proxy.defaults.certain}

    def all(self) -> Iterator[Reference]:
        yield from self.origins()
        for statement in self.haproxy.global_lines("httpclient.resolvers.id"):
            if statement not in self.haproxy.doubtful and (name := statement.argument()):
                yield Reference("resolvers section {}", name.text, name, self.names.resolvers)
        yield from self.members()
        used = self.haproxy.keywords
        settings = self.haproxy.server_settings
        for words, of, proxies in (
            (used & {"stick-table", "use-server", "filter"}, self.of_proxy, self.judged),
            (used & {"email-alert"}, self.mailers, self.judged),
            (used & {"stick", "use-fcgi-app"}, self.of_backend, self.judged),
            ({one for one in settings if one.resolvers or one.track}, self.servers, self.judged),
            (used & {"errorfiles", "http-error"}, self.error_pages, [*self.judged, *self.used]),
        ):
            for proxy in proxies if words else ():
                yield from of(proxy)
        ruled = {proxy for proxy in self.used if any(proxy.keyword(keyword) for keyword in _RULES)}
        looked_at = {*self.judged, *ruled}
        for proxy, statement in calls.holding(self.haproxy, _EXPRESSIONS, _MARKS):
            keyword = statement.keyword
            if proxy not in looked_at or not proxy.is_certain(statement):
                continue
            if proxy.kind == "frontend" and keyword in _BACKENDS_ONLY:
                continue
            yield from self.calls(proxy, statement)
            if keyword in _RULES:
                yield from self.action(proxy, statement)

    def origins(self) -> Iterator[Reference]:
        """`frontend web from NAME`: the defaults sections before it count."""
        for proxy in [*self.haproxy.defaults, *self.haproxy.proxies]:
            if proxy.origin is not None and proxy.defaults is None and proxy.section_certain:
                yield Reference("defaults section {}", proxy.origin.text, proxy.origin, ())

    def members(self) -> Iterator[Reference]:
        """The groups that users of a userlist are in, and the users of its groups."""
        for section in self.haproxy.sections_of("userlist"):
            if not section.certain or section.body and any(s in self.haproxy.doubtful for s in section.body):
                continue
            names = {
                kind: {word.text for s in section.body if s.keyword == kind and (word := s.argument())}
                for kind in ("user", "group")
            }
            for statement in section.body:
                of = {"user": "group", "group": "user"}.get(statement.keyword)
                listed = _after(statement.words, f"{of}s") if of else None
                if of and listed and not isinstance(listed, VariableWord):
                    for name in listed.text.split(","):
                        yield Reference(f"{of} {{}} in userlist {section.name}", name, listed, names[of])

    def of_proxy(self, proxy: Proxy) -> Iterator[Reference]:
        for statement in self.certain(proxy, "stick-table"):
            if name := _after(statement.words, "peers"):
                yield Reference("peers section {}", name.text, name, self.names.of("peers"))
        for statement in self.certain(proxy, "use-server"):
            name = statement.argument()
            if name is not None and "%" not in name.text:
                where = f"server {{}} in {proxy.kind} {proxy.name}"
                yield Reference(where, name.text, name, self.names.servers("", proxy))
        for statement in self.certain(proxy, "filter"):
            what, name = statement.argument(), statement.argument(1)
            if what is None or name is None:
                continue
            if what.text in _FILTERS:
                keyword = _FILTERS[what.text]
                yield Reference(f"{keyword} section {{}}", name.text, name, self.names.of(keyword))
            if what.text.startswith("bwlim-") and (table := _after(statement.words, "table")):
                yield Reference("stick table {}", table.text, table, self.names.tables)

    def mailers(self, proxy: Proxy) -> Iterator[Reference]:
        """haproxy drops email-alert with a warning unless mailers, from and to are all there."""
        lines = [s for s in proxy.all_lines("email-alert") if len(s.words) > 2 and proxy.is_certain(s)]
        said = {line.words[1].text: line.words[2] for line in lines}
        if said.keys() >= {"mailers", "from", "to"}:
            yield Reference("mailers section {}", said["mailers"].text, said["mailers"], self.names.of("mailers"))

    def of_backend(self, proxy: Proxy) -> Iterator[Reference]:
        if proxy.kind == "frontend":
            return
        for statement in self.certain(proxy, "stick"):
            name = _after(statement.words, "table")
            if name is not None:
                yield Reference("stick table {}", name.text, name, self.names.tables)
            elif not proxy.keyword("stick-table") and statement not in self.haproxy.refused:
                yield Reference("stick table {}", proxy.name, statement.words[0], ())
        for statement in self.certain(proxy, "use-fcgi-app"):
            if name := statement.argument():
                yield Reference("fcgi-app section {}", name.text, name, self.names.of("fcgi-app"))

    def servers(self, proxy: Proxy) -> Iterator[Reference]:
        shown: set[str] = set()
        for server in proxy.servers if proxy.kind != "frontend" else ():
            settings = server.settings
            if settings.unknown or not (settings.resolvers or settings.track) or not server.certain:
                continue
            if settings.track:
                yield self.server(proxy, settings.track, server.value("track"), proxy.name)
            if settings.resolvers and (settings.resolvers not in shown or self.says(server, "resolvers")):
                shown.add(settings.resolvers)
                word = server.value("resolvers")
                yield Reference("resolvers section {}", settings.resolvers, word, self.names.resolvers)

    @staticmethod
    def says(server: Server, option: str) -> bool:
        """Whether the line says `option` itself, and no default-server line before it."""
        return server.value(option) is not server.word

    def server(self, proxy: Proxy, name: str, word: Word, own: str) -> Reference:
        """`backend/server`, or a server of the proxy itself."""
        backend, slash, server = name.rpartition("/")
        if not slash:
            return Reference(f"server {{}} in {proxy.kind} {own}", server, word, self.names.servers("", proxy))
        if backend not in self.names.backends:
            return Reference("backend or listen {}", backend, word, ())
        return Reference(f"server {{}} in backend {backend}", server, word, self.names.servers(backend))

    def error_pages(self, proxy: Proxy) -> Iterator[Reference]:
        names = self.names.of("http-errors")
        for statement in self.certain(proxy, "errorfiles"):
            if name := statement.argument():
                yield Reference("http-errors section {}", name.text, name, names)
        for statement in self.certain(proxy, "http-error"):
            if name := _after(statement.words, "errorfiles"):
                yield Reference("http-errors section {}", name.text, name, names)

    def calls(self, proxy: Proxy, statement: Statement) -> Iterator[Reference]:
        for call in calls.calls(statement, self.haproxy.version):
            kind, name, word = call.kind, call.name, call.word
            if kind == "table":
                yield Reference("stick table {}", name or proxy.name, word, self.names.tables)
            elif kind == "server":
                if name:
                    yield self.server(proxy, name, word, proxy.name)
            elif kind == "user list":
                if name:
                    yield Reference("userlist {}", name, word, self.names.of("userlist"))
            elif name or proxy.kind == {"backend": "frontend", "frontend": "backend"}[kind]:
                names = self.names.backends if kind == "backend" else self.names.frontends
                yield Reference(f"{kind} or listen {{}}", name or proxy.name, word, names)

    def action(self, proxy: Proxy, statement: Statement) -> Iterator[Reference]:
        words = statement.words[2:] if statement.keyword.startswith("tcp") else statement.words[1:]
        if not words:
            return
        action = words[0].text
        value = words[1] if len(words) > 1 else None
        if action.startswith("track-sc"):
            table = _after(words, "table")
            if table is not None:
                yield Reference("stick table {}", table.text, table, self.names.tables)
            elif not proxy.keyword("stick-table") and statement not in self.haproxy.refused:
                yield Reference("stick table {}", proxy.name, words[0], ())
        elif action.startswith("do-resolve("):
            found = compiled(r"do-resolve\([^,()]+,[ ]*(?P<name>[^,() ]+)").match(action)
            if found:
                word = words[0].part(*found.span("name")) if words[0].raw == action else words[0]
                yield Reference("resolvers section {}", found["name"], word, self.names.resolvers)
        elif value is not None and action in ("cache-use", "cache-store") and proxy.kind != "defaults":
            yield Reference("cache section {}", value.text, value, self.names.of("cache"))
        elif value is not None and action == "set-bandwidth-limit" and proxy.kind != "defaults":
            yield Reference("bwlim filter {}", value.text, value, _filters(proxy, "bwlim-in", "bwlim-out"))
        elif value is not None and action == "send-spoe-group" and proxy.kind != "defaults":
            yield Reference("SPOE engine {}", value.text, value, _filters(proxy, "engine"))
        elif action == "capture" and proxy.kind in ("frontend", "listen") and (slot := _after(words, "id")):
            yield Reference("capture slot {}", slot.text, slot, _slots(proxy, statement.keyword))
        elif pages := _after(words, "errorfiles"):
            yield Reference("http-errors section {}", pages.text, pages, self.names.of("http-errors"))

    @staticmethod
    def certain(proxy: Proxy, keyword: str) -> Iterator[Statement]:
        return (statement for statement in proxy.keyword(keyword) if proxy.is_certain(statement))


def _slots(proxy: Proxy, keyword: str) -> set[str]:
    """The numbers of the captures that a proxy has for rules of `keyword`: one for each line that declares one."""
    side = "response" if keyword == "http-response" else "request"
    declared = [
        s for s in proxy.keyword("declare") + proxy.keyword("capture") if side in [w.text for w in s.words[1:3]]
    ]
    return {str(number) for number in range(len(declared))}


def _filters(proxy: Proxy, *keywords: str) -> set[str]:
    """The names that the filters of `proxy` give themselves behind one of `keywords`."""
    return {
        name.text
        for statement in proxy.keyword("filter")
        for keyword in keywords
        if (name := _after(statement.words, keyword))
    }
