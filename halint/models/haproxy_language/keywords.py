"""The keywords that haproxy of one version takes in one kind of section (grammars/haproxy.toml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.patterns.haproxy_table import KEYWORDS
from halint.versions import ALWAYS, known

if TYPE_CHECKING:
    from typing import Any

    from halint.tree import Word
    from halint.versions import Lifetime, Version

#: The oldest version whose keywords the table has all of.
OLDEST = (1, 8)

#: The kinds of section that share one set of keywords, in the order of the verdicts of an entry.
PROXY_KINDS = ("defaults", "named defaults", "frontend", "listen", "backend")

#: Keywords whose next word decides what they are: `option httplog`, `tcp-request content accept`.
_FAMILIES: dict[str, set[str]] = {}
for _group, _rows in KEYWORDS.items():
    _FAMILIES[_group] = {_keyword.rpartition(" ")[0] for _keyword in _rows if " " in _keyword}


class Keyword:
    """What one version makes of a keyword in one kind of section.

    name: as the table has it. verdict: "ok", "ignored" (a warning), "refused" (it stands elsewhere), "unknown",
    "new" (later versions know it), "removed", or "unsure" where the table does not say.
    deprecated: whether haproxy warns that it will go. instead: what takes its place.
    members: of a family, what its next word can be, as far as it was met.
    """

    __slots__ = ("deprecated", "instead", "lifetime", "members", "name", "signature", "verdict")

    def __init__(
        self, name: str, verdict: str, lifetime: Lifetime = ALWAYS, signature: Any = None, instead: str | None = None
    ) -> None:
        self.name = name
        self.verdict = verdict
        self.lifetime = lifetime
        self.signature = signature
        self.instead = instead
        self.deprecated = False
        self.members: dict[str, Keyword] | None = None

    def __repr__(self) -> str:
        return f"Keyword({self.name!r}, {self.verdict!r})"


class Keywords:
    """The keywords of a kind of section (`section`, `named` as Scope has them) in `version`, None for the newest."""

    def __init__(self, section: str, named: bool, version: Version | None) -> None:
        kind = "named defaults" if named and section == "defaults" else section
        self._column = PROXY_KINDS.index(kind) if kind in PROXY_KINDS else None
        self.group = "proxy" if self._column is not None else section
        self.rows = KEYWORDS.get(self.group, {})
        self.version = version
        self._met: dict[str, Keyword] = {}

    def find(self, words: list[Word], at: int) -> tuple[Keyword, int]:
        """The keyword that the words from `at` begin with, and the index behind it; it has members still where the
        line ends too early."""
        found = self._met.get(words[at].text) or self._learn(self._met, "", words[at].text)
        at += 1
        while found.members is not None and at < len(words):
            text = words[at].text
            found = found.members.get(text) or self._learn(found.members, f"{found.name} ", text)
            at += 1
        return found, at

    def _learn(self, members: dict[str, Keyword], before: str, text: str) -> Keyword:
        name = before + text
        row = self.rows.get(name)
        if row is None and before:
            row, name = self._by_prefix(before, text)
        if row is None:
            old = self.version is not None and self.version[:2] < OLDEST
            found = Keyword(name, "unsure" if old else "unknown")
        else:
            lifetime, deprecated, instead, verdicts, signature = row
            found = Keyword(name, self._verdict(lifetime, verdicts), lifetime, signature, instead)
            if deprecated is not None and found.verdict == "ok":
                found.deprecated = known((*deprecated, None, None), self.version) is True
        if name in _FAMILIES.get(self.group, ()):
            found.members = {}
        members[text] = found
        return found

    def _by_prefix(self, before: str, text: str) -> tuple[tuple[Any, ...] | None, str]:
        """The row of the action that `text` begins with and that takes any ending, as `set-var(txn.a)`."""
        for end in range(len(text), 0, -1):
            row = self.rows.get(f"{before}{text[:end]}*")
            if row is not None:
                return row, f"{before}{text[:end]}"
        return None, before + text

    def _verdict(self, lifetime: Lifetime, verdicts: tuple[Any, ...] | None) -> str:
        there = known(lifetime, self.version)
        if there is None:
            return "unsure"
        if not there:
            after = lifetime[0]
            return "new" if after is not None and known((after, None, None, None), self.version) is False else "removed"
        if verdicts is None or self._column is None:
            return "ok"
        cell = verdicts[self._column]
        if isinstance(cell, str):
            return cell
        said = "unsure"
        for verdict, after, by in cell:
            holds = known((after, by, None, None), self.version)
            if holds is None:
                return "unsure"
            if holds:
                said = verdict
        return said
