"""haproxy.cfg line by line, as haproxy reads it: what it takes where, and what it says of the rest."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from halint.models.haproxy_language import signature
from halint.models.haproxy_language.keywords import Keywords
from halint.models.haproxy_language.scope import Scope
from halint.readers.haproxy import VariableWord

if TYPE_CHECKING:
    from collections.abc import Callable

    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy_conditions import Section
    from halint.models.haproxy_language.complaint import Complaint
    from halint.models.haproxy_language.keywords import Keyword
    from halint.tree import Statement, Tree
    from halint.versions import Version


def complaints(haproxy: Haproxy) -> dict[str, list[Complaint]]:
    """What haproxy says of the lines of its files, by kind and in their order."""
    reading = _Reading(haproxy.version)
    proxies = {id(proxy.statement): proxy for proxy in haproxy.defaults + haproxy.proxies}
    for tree, sections in zip(haproxy.trees, haproxy.sections, strict=True):
        broken = _Broken(tree)
        for section in sections:
            reading.section(section, proxies.get(id(section.statement)), broken, haproxy.doubtful)
    found: dict[str, list[Complaint]] = {}
    for complaint in reading.found:
        found.setdefault(complaint.kind, []).append(complaint)
    return found


class _Broken:
    """The lines of a file that the reader has a problem with."""

    def __init__(self, tree: Tree) -> None:
        self.starts = [problem.start for problem in tree.problems]

    def __contains__(self, statement: Statement) -> bool:
        at = bisect_left(self.starts, statement.start)
        return at < len(self.starts) and self.starts[at] <= statement.source.line_end(statement.end)


class _Reading:
    def __init__(self, version: Version | None) -> None:
        self.version = version
        self.found: list[Complaint] = []
        self.keywords: dict[tuple[str, bool], Keywords] = {}
        self.accepted: dict[tuple[str, bool], set[str]] = {}

    def section(self, section: Section, proxy: Proxy | None, broken: _Broken, doubtful: set[Statement]) -> None:
        kind = section.statement.keyword
        if not kind:  # lines before any section: the reader says so
            return
        named = kind == "defaults" and bool(proxy and proxy.name)
        mode = proxy.mode.value if proxy is not None and proxy.certain else None
        scope = Scope(kind, named, self.version, mode)
        key = kind, named
        if key not in self.keywords:
            self.keywords[key] = Keywords(kind, named, self.version)
            self.accepted[key] = set()
        keywords, accepted = self.keywords[key], self.accepted[key]
        find, found = keywords.find, scope.complaints
        for statement in section.body:
            plain = getattr(statement, "plain", None)
            if plain in accepted:
                continue
            before = len(found)
            scope.statement = statement
            line(scope, find, statement)
            if len(found) == before:
                if plain is not None and _forgettable(statement.keyword, plain):
                    accepted.add(plain)
            elif not section.certain or statement in doubtful or (broken.starts and statement in broken):
                del found[before:]
        self.found += found


def line(scope: Scope, find: Callable[..., tuple[Keyword, int]], statement: Statement) -> None:
    """Complain of `statement` into `scope`."""
    words = statement.words
    at = 1 if len(words) > 1 and words[0].text in {"no", "default"} else 0
    keyword, behind = find(words, at)
    if keyword.signature is not None and keyword.verdict in {"ok", "ignored"}:
        signature.check(keyword.signature, words, behind, scope)
    if keyword.verdict == "ok" and not keyword.deprecated and keyword.members is None:
        return
    if any(isinstance(word, VariableWord) for word in words[:behind]):
        return
    from halint.models.haproxy_language import wording

    wording.complain(scope, keyword, words[behind - 1])


def _forgettable(keyword: str, text: str) -> bool:
    """Whether a line that was taken is taken wherever it stands again: it names no ACL, and declares none."""
    return keyword != "acl" and " if " not in text and " unless " not in text
