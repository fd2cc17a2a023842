"""The keywords that haproxy of one version takes in one kind of section (grammars/haproxy.toml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.haproxy.language.signature import Signature
from halint.patterns.haproxy_table import EXPERIMENTS, FAMILIES, KEYWORDS, RELEASES
from halint.versions import ALWAYS, known

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import Any

    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Lifetime, Version

#: The oldest version whose keywords the table has all of.
OLDEST = (1, 8)

#: No word of a keyword is longer.
_LONGEST = 64

#: The kinds of section that share one set of keywords, in the order of the verdicts of an entry.
PROXY_KINDS = ("defaults", "named defaults", "frontend", "listen", "backend")


class Keyword:
    """What one version makes of a keyword in one kind of section.

    name: as the table has it, the actual word where it has only its beginning. members: of a word whose next word
    decides what it is (`option`, `tcp-request content`), these keywords, as far as they were met.
    verdict: "ok", "ignored" (a warning), "refused" (it stands elsewhere), "unknown", "new" (only later versions know
    it), "removed", or "unsure" where the table does not say.
    lifetime: when it was known. deprecated: whether haproxy warns that it will go. instead: what takes its place.
    experimental: whether haproxy wants `expose-experimental-directives` before it.
    renamed: "safe" or "unsafe" where that takes the same arguments, and may be written in its place; else None.
    prefixes: which of `no` and `default` may stand before it, None where that is not known.
    signature: its arguments; None where these are not known.
    """

    __slots__ = (
        "deprecated", "experimental", "instead", "lifetime", "members", "name", "prefixes", "renamed", "signature",
        "verdict",
    )  # fmt: skip

    def __init__(self, name: str, verdict: str) -> None:
        self.name = name
        self.verdict = verdict
        self.lifetime: Lifetime = ALWAYS
        self.deprecated = False
        self.experimental = False
        self.instead: str | None = None
        self.renamed: str | None = None
        self.prefixes: tuple[str, ...] | None = None
        self.signature: Signature | None = None
        self.members: dict[str, Keyword] | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing is to be said of the keyword itself."""
        return self.verdict == "ok" and not self.deprecated and not self.experimental and self.members is None

    def __repr__(self) -> str:
        return f"Keyword({self.name!r}, {self.verdict!r})"


class Keywords:
    """The keywords of a kind of section in one version.

    section: "frontend", "global"..., or "bind" and "server" for the options of these lines. named: of defaults,
    whether they have a name. version: None for the newest.
    """

    def __init__(self, section: str, named: bool, version: Version | None) -> None:
        kind = "named defaults" if named and section == "defaults" else section
        self._column = PROXY_KINDS.index(kind) if kind in PROXY_KINDS else None
        self.group = "proxy" if self._column is not None else section
        self.rows = KEYWORDS.get(self.group, {})
        self.version = version
        # Global keywords come with maintenance releases, too: 2.8.25 has twelve that 2.8.0 had not.
        newest = None if version is None else RELEASES.get(version[:2])
        exact = newest is not None and version is not None and len(version) > 2 and version <= newest
        self._looked_at = exact or self.group != "global"
        self._experiments = EXPERIMENTS.get(self.group, {})
        self._met: dict[str, Keyword] = {}

    def find(self, words: list[Word], at: int) -> tuple[Keyword, int]:
        """The keyword that the words from `at` begin with, and the index behind it. It has members where the line
        ends too early."""
        text = words[at].text
        found = self._met.get(text) or self._learn(self._met, "", text)
        at += 1
        while found.members is not None and at < len(words):
            text = words[at].text
            found = found.members.get(text) or self._learn(found.members, f"{found.name} ", text)
            at += 1
        return found, at

    def named(self, text: str) -> Keyword:
        """The keyword `text`, which is one word."""
        return self._met.get(text) or self._learn(self._met, "", text)

    def take(self, text: str, further: Container[str], scope: Scope) -> bool:
        """Whether nothing is to be said of a line without quotes and escapes: by its texts alone, without a Word for
        each of them. further: the keywords of which more is asked than their signature."""
        texts = text.split(" ")
        if "" in texts or "\t" in text:
            texts = [part for part in text.replace("\t", " ").split(" ") if part]
        found, at = self._met.get(texts[0]), 1
        while found is not None and found.members is not None and at < len(texts):
            found = found.members.get(texts[at])
            at += 1
        if found is None or not found.plain:
            return False
        return (found.signature is None or found.signature.takes(text, texts, at, scope)) and found.name not in further

    def names(self, before: str) -> Iterator[str]:
        """The words that can follow `before`, which is "" or ends in a blank, to haproxy of this version."""
        for name, row in self.rows.items():
            if name.startswith(before) and known(row[0], self.version) is not False:
                yield name[len(before) :].partition(" ")[0].rstrip("*")

    def verdict(self, name: str) -> str:
        """The verdict on the keyword `name` of the table."""
        row = self.rows.get(name) or self.rows.get(f"{name}*")
        return "unknown" if row is None else self._verdict(row[0], row[3])

    def _learn(self, members: dict[str, Keyword], before: str, text: str) -> Keyword:
        name = before + text
        row = self.rows.get(name)
        if row is None and before:
            row, name = self._by_prefix(before, text)
        if row is None:
            old = self.version is not None and self.version[:2] < OLDEST
            found = Keyword(name, "unsure" if old else "unknown")
        else:
            found = Keyword(name, self._verdict(row[0], row[3]))
            found.lifetime, deprecated, instead, _, found.prefixes, arguments = row
            if arguments is not None:
                found.signature = Signature(arguments, name, self.version)
            if instead is not None:
                found.instead, found.renamed = instead
            if deprecated is not None and found.verdict == "ok":
                found.deprecated = known((*deprecated, None, None), self.version) is True
        if name in self._experiments and self.version is not None:
            first, last = self._experiments[name]
            found.experimental = first <= self.version[:2] <= last
        if found.verdict == "unsure" and before and self.verdict(before[:-1]) in {"refused", "ignored"}:
            found.verdict = self.verdict(before[:-1])
        if name in FAMILIES.get(self.group, ()):
            found.members = {}
        members[text] = found
        return found

    def _by_prefix(self, before: str, text: str) -> tuple[tuple[Any, ...] | None, str]:
        """The row that takes any ending of the word that `text` begins with, as `set-var(txn.a)`, and its name."""
        for end in range(min(len(text), _LONGEST), 0, -1):
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
            came = after is None or known((after, None, None, None), self.version) is not False
            if not came and not self._looked_at:
                return "unsure"
            return "removed" if came else "new"
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
