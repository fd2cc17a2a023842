"""haproxy.cfg line by line, as haproxy reads it: what it takes where, and what it says of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import bisect_left
from halint.models.haproxy.language import httpchk, repeats
from halint.models.haproxy.language.keywords import Keywords
from halint.models.haproxy.language.scope import Scope
from halint.nearest import Nearest
from halint.readers.haproxy import SECTIONS, VariableWord
from halint.tree import Line

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy, Proxy
    from halint.models.haproxy.conditions import Section
    from halint.models.haproxy.language.complaint import Complaint
    from halint.models.haproxy.language.keywords import Keyword
    from halint.tree import Statement, Tree, Word
    from halint.versions import Version

#: What may stand before a keyword.
_PREFIXES = frozenset({"no", "default"})

#: What a signature cannot say of the arguments of a keyword.
_FURTHER = {"option httpchk": httpchk.check}

#: How many lines are remembered: those that repeat, repeat early.
_REMEMBERED = 5000

#: Where these are ignored, haproxy does not read what is behind them (each keyword tried on 2.6.12 and 2.8.25).
_UNREAD = frozenset({"stick"})

#: It makes haproxy silent on what is deprecated.
_SILENCER = "expose-deprecated-directives"

#: Behind it, haproxy takes what is an experiment.
_EXPOSER = "expose-experimental-directives"


def complaints(haproxy: Haproxy, version: Version) -> dict[str, list[Complaint]]:
    """What haproxy of `version` says of the lines of its files, by kind and in their order."""
    reading = _Reading(version)
    proxies = {id(proxy.statement): proxy for proxy in haproxy.defaults + haproxy.proxies}
    for tree, sections in zip(haproxy.trees, haproxy.sections, strict=True):
        broken = _Broken(tree)
        for section in sections:
            reading.section(section, proxies.get(id(section.statement)), broken, haproxy.doubtful)
    if haproxy.directives:
        from halint.models.haproxy.language import directives

        reading.found += directives.complaints(haproxy.directives, version, reading.nearest)
    found: dict[str, list[Complaint]] = {}
    for complaint in reading.found:
        found.setdefault(complaint.kind, []).append(complaint)
    if "deprecated-keyword" in found and any(s.keyword == _SILENCER for g in haproxy.globals for s in g.body or ()):
        del found["deprecated-keyword"]
    return found


def _indent(statement: Statement) -> int:
    return statement.start - statement.source.line_start(statement.start)


class _Broken:
    """The lines of a file that the reader has a problem with."""

    def __init__(self, tree: Tree) -> None:
        self.starts = [problem.start for problem in tree.problems]

    def __contains__(self, statement: Statement) -> bool:
        at = bisect_left(self.starts, statement.words[0].start)
        return at < len(self.starts) and self.starts[at] <= statement.source.line_end(statement.words[-1].end)


class _Reading:
    """One pass over all files. found: the complaints so far."""

    def __init__(self, version: Version | None) -> None:
        self.version = version
        self.found: list[Complaint] = []
        self.nearest = Nearest()
        self.heads = Keywords("section", False, version)
        self.keywords: dict[tuple[str, bool], Keywords] = {}
        self.accepted: dict[tuple[str, bool, str | None], set[str]] = {}
        # The settings of the global sections so far.
        self.globals: dict[str, Statement] = {}
        # The ACLs that each defaults section leaves to those that start from it.
        self.acls: dict[Proxy, dict[str, frozenset[int]] | None] = {}
        self.exposed: bool | None = False

    def section(self, section: Section, proxy: Proxy | None, broken: _Broken, doubtful: set[Statement]) -> None:
        kind = section.statement.keyword
        if not kind:  # lines before any section: the reader says so
            return
        named = kind == "defaults" and bool(proxy and proxy.name)
        mode = proxy.mode.value if proxy is not None and proxy.certain else None
        scope = Scope(kind, named, self.version, mode, self.nearest)
        scope.statement = section.statement
        scope.exposed = self.exposed
        if proxy is not None:
            self._inherit(scope, proxy)
        if not self._head(scope, section.certain and section.statement not in broken):
            return
        keywords = self._of(kind, named)
        accepted = self.accepted.setdefault((kind, named, mode), set())
        if not keywords.rows:
            return
        found = scope.complaints
        text = section.statement.source.text
        for statement in section.body:
            plain = None
            if isinstance(statement, Line):
                plain = text[statement.start : statement.end]
                if plain in accepted or keywords.take(plain, _FURTHER, scope):
                    continue
                words = statement.split()
            else:
                words = statement.words
            before = len(found)
            scope.statement = statement
            if statement.keyword == _EXPOSER and kind == "global" and scope.exposed is False:
                scope.exposed = None if statement in doubtful or not section.certain else True
            line(scope, keywords, words)
            if len(found) == before:
                if plain is not None and len(accepted) < _REMEMBERED and _holds_everywhere(statement.keyword, plain):
                    accepted.add(plain)
            elif not section.certain or statement in doubtful or (broken.starts and statement in broken):
                del found[before:]
            elif found[-1].meant in SECTIONS and _indent(statement) == _indent(section.statement):
                found[-1].reach = section.body[-1].end  # these lines were meant to stand in a section of their own
                break
        if kind == "global":
            self.exposed = scope.exposed
        if section.certain and kind == "global":
            repeats.in_global([line for line in section.body if line not in doubtful], self.globals, scope)
        elif proxy is not None and proxy.certain:
            repeats.in_proxy(proxy, doubtful, scope)
        self.found += found

    def _inherit(self, scope: Scope, proxy: Proxy) -> None:
        """Let `scope` begin with the ACLs that are declared in the defaults section that `proxy` starts from."""
        if not proxy.certain:
            scope.acls = None
        elif proxy.defaults is not None and (inherited := self.acls.get(proxy.defaults, {})) != {}:
            scope.acls = None if inherited is None else dict(inherited)
        if proxy.kind == "defaults":
            self.acls[proxy] = scope.acls

    def _head(self, scope: Scope, certain: bool) -> bool:
        """Whether haproxy knows the kind of section at all: else it takes its lines for those of the section before."""
        keyword, behind = self.heads.find(scope.statement.words, 0)
        check(scope, keyword, scope.statement.words, behind)
        if not certain:
            scope.complaints.clear()
        self.found += scope.complaints
        scope.complaints.clear()
        return keyword.verdict == "ok"

    def _of(self, kind: str, named: bool) -> Keywords:
        key = kind, named
        if key not in self.keywords:
            self.keywords[key] = Keywords(kind, named, self.version)
        return self.keywords[key]


def line(scope: Scope, keywords: Keywords, words: list[Word]) -> None:
    """Complain into `scope` of the line that consists of `words`."""
    if words[0].text in _PREFIXES and len(words) > 1:
        _prefixed(scope, keywords, words)
    else:
        check(scope, *_found(keywords, words, 0))


def check(scope: Scope, keyword: Keyword, words: list[Word], behind: int) -> None:
    """Complain into `scope` of `keyword`, which ends before the word `behind`, and of its arguments."""
    if keyword.plain:
        _arguments(scope, keyword, words, behind)
        return
    verdict = keyword.verdict
    if verdict == "unsure" or _holds_variable(words, behind):
        return
    from halint.models.haproxy.language import wording

    wording.complain(scope, keyword, words, behind)
    if keyword.experimental and scope.exposed is not True:
        return
    if verdict == "ok" or (verdict == "ignored" and words[0].text not in _UNREAD):
        _arguments(scope, keyword, words, behind)


def _arguments(scope: Scope, keyword: Keyword, words: list[Word], behind: int) -> None:
    if keyword.signature is not None:
        keyword.signature.check(words, behind, scope)
    further = _FURTHER.get(keyword.name)
    if further is not None:
        further(words, behind, scope)


def _found(keywords: Keywords, words: list[Word], at: int) -> tuple[Keyword, list[Word], int]:
    keyword, behind = keywords.find(words, at)
    return keyword, words, behind


def _prefixed(scope: Scope, keywords: Keywords, words: list[Word]) -> None:
    keyword, behind = keywords.find(words, 1)
    if _holds_variable(words, behind):
        return
    from halint.models.haproxy.language import wording

    if keyword.verdict == "ok" and keyword.prefixes is not None and words[0].text not in keyword.prefixes:
        wording.complain_of_prefix(scope, keyword, words[0])
    elif keyword.verdict not in {"ok", "unsure"}:
        wording.complain(scope, keyword, words, behind)


def _holds_variable(words: list[Word], behind: int) -> bool:
    return any(isinstance(word, VariableWord) for word in words[:behind])


def _holds_everywhere(keyword: str, text: str) -> bool:
    """Whether a line that was taken is taken wherever it stands again: it names no ACL, and declares none."""
    return keyword != "acl" and " if " not in text and " unless " not in text
