"""The names that haproxy.cfg gives to things, by kind: what a line may refer to."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from halint.lazy import lazy
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.tree import Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy.servers import Server
    from halint.node import Node


class Names:
    """The names on a node. All of them count, also where conditions decide whether a section is there, and where
    nothing says whether its file is loaded."""

    def __init__(self, node: Node, haproxy: Haproxy) -> None:
        self._haproxy = haproxy
        unloaded = [] if haproxy.files_known else haproxy.unloaded
        self._elsewhere = {
            word.text for source in unloaded for section in node.tree(source).statements for word in section.words[1:2]
        }
        self._sections: dict[str, Container[str]] = {}
        self._servers: dict[int, Container[str]] = {}

    def of(self, keyword: str) -> Container[str]:
        """The names of the sections `keyword`: "peers", "userlist"..."""
        if keyword not in self._sections:
            sections = self._haproxy.sections_of(keyword)
            self._sections[keyword] = self._named(section.word for section in sections)
        return self._sections[keyword]

    @lazy
    def resolvers(self) -> Container[str]:
        """haproxy 2.6 and later make a section `default` of /etc/resolv.conf by themselves."""
        return _Union(self.of("resolvers"), {"default"})

    @property
    def rings(self) -> Container[str]:
        """haproxy makes one itself, buf0."""
        return _Union(self.of("ring"), {"buf0"})

    @lazy
    def backends(self) -> Container[str]:
        return self._named(proxy.head for proxy in self._haproxy.proxies if proxy.kind != "frontend")

    @lazy
    def frontends(self) -> Container[str]:
        return self._named(proxy.head for proxy in self._haproxy.proxies if proxy.kind != "backend")

    @lazy
    def tables(self) -> Container[str]:
        """The stick tables: of proxies by their names, of peers sections as `section/table`."""
        with_table = [proxy.head for proxy in self._haproxy.proxies if proxy.keyword("stick-table")]
        of_peers = {
            f"{section.name}/{word.text}"
            for section in self._haproxy.sections_of("peers")
            for statement in section.body
            if statement.keyword == "table" and (word := statement.argument())
        }
        return _Union(self._named(with_table), of_peers)

    def servers(self, backend: str, proxy: Proxy | None = None) -> Container[str]:
        """The servers of `proxy`, or of the backends and listens with the name `backend`."""
        if proxy is None and backend in self._elsewhere:
            return _EVERYTHING
        found = self._proxies.get(backend, ()) if proxy is None else [proxy]
        return _Union(*(self._of_proxy(one) for one in found))

    @lazy
    def _proxies(self) -> dict[str, list[Proxy]]:
        """The backends and listens by name."""
        found: dict[str, list[Proxy]] = {}
        for proxy in self._haproxy.proxies:
            if proxy.kind != "frontend":
                found.setdefault(proxy.name, []).append(proxy)
        return found

    def _of_proxy(self, proxy: Proxy) -> Container[str]:
        if id(proxy) not in self._servers:
            self._servers[id(proxy)] = _EVERYTHING if _unknown(proxy.servers) else proxy.server_index
        return self._servers[id(proxy)]

    def _named(self, words: Iterable[Word | None]) -> Container[str]:
        found = [word for word in words if word is not None]
        if any(isinstance(word, VariableWord) for word in found):
            return _EVERYTHING
        return {word.text for word in found} | self._elsewhere


class _Union(Container[str]):
    def __init__(self, *parts: Container[str]) -> None:
        self.parts = parts

    def __contains__(self, name: object) -> bool:
        return any(name in part for part in self.parts)

    def __iter__(self) -> Iterator[str]:
        return (name for part in self.parts if hasattr(part, "__iter__") for name in part)


class _Everything(Container[str]):
    def __contains__(self, name: object) -> bool:
        return True


_EVERYTHING = _Everything()


def _unknown(servers: list[Server]) -> bool:
    return any(isinstance(word, VariableWord) for server in servers for word in server.head)


#: Of so many templates with one prefix, the next ones are not told apart: each takes the names of another.
_ALIKE = 100

#: Of a template, so many names are compared with those of other servers.
_COMPARED = 100


class ServerIndex(Container[str]):
    """The servers of a proxy by name; of several with one name, the first."""

    def __init__(self, servers: Iterable[Server]) -> None:
        self._named: dict[str, Server] = {}
        self._templates: dict[str, list[tuple[range, Server]]] = {}
        for server in servers:
            if not server.template:
                self._named.setdefault(server.name, server)
                continue
            alike = self._templates.setdefault(server.name, [])
            if len(alike) < _ALIKE:
                alike.append((_numbers(server), server))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def get(self, name: str) -> Server | None:
        """The server `name`: its own line's, or that of the template `app 3` for app1 to app3."""
        if name in self._named:
            return self._named[name]
        digits = len(name) - len(name.rstrip("0123456789"))
        for count in range(1, min(digits, 9) + 1) if self._templates else ():
            number = name[-count:]
            for numbers, server in self._templates.get(name[:-count], ()) if number[0] != "0" or count == 1 else ():
                if int(number) in numbers:
                    return server
        return None


def expanded(server: Server) -> Iterable[str]:
    """The name of `server`, or the first names that a template makes: `server-template app 3` is app1, app2, app3."""
    if not server.template:
        return [server.name]
    return (f"{server.name}{number}" for number in _numbers(server)[:_COMPARED])


def _numbers(server: Server) -> range:
    """The numbers that a template puts behind its prefix: `3` or `1-3`."""
    count = server.statement.argument(1)
    found = count and compiled(r"(?:([0-9]{1,9})-)?([0-9]{1,9})").fullmatch(count.text)
    return range(int(found[1] or 1), int(found[2]) + 1) if found else range(0)
