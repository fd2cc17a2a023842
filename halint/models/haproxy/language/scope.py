"""Where a line stands, as far as it decides what haproxy takes there, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from halint.models.haproxy.language.complaint import Complaint
from halint.nearest import Nearest
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.finding import Fix
    from halint.models.haproxy.language.signature import Choice
    from halint.versions import Version


#: What to do about a complaint; what is worked out once for many lines asks for the nearest known word at each.
Cure = str | Callable[[Nearest], str]


class Scope:
    """The section that a line stands in.

    section: its keyword ("frontend", "global", "peers"...). named: whether it is a defaults section with a name, which
    takes more than one without (haproxy 2.6). version: of haproxy, None for the newest. mode: "http", "tcp"..., of
    the proxy with what it inherits; None where that is not known. statement: the line being read.
    acls: the ACLs that are declared so far in the proxy and in what it inherits from, by name: for each of their
    expressions the places where it can be used (places.py); None where one may be declared that halint does not see.
    offered: the index of a word that none of several optional ones was, and these; None where there was no such word.
    complaints: what was found, in order. nearest: finds the known word that was probably meant.
    """

    __slots__ = ("acls", "complaints", "mode", "named", "nearest", "offered", "section", "statement", "version")

    def __init__(
        self, section: str, named: bool, version: Version | None, mode: str | None, nearest: Nearest | None = None
    ) -> None:
        self.section = section
        self.named = named
        self.version = version
        self.mode = mode
        self.acls: dict[str, frozenset[int]] | None = {}
        self.offered: tuple[int, Choice] | None = None
        self.complaints: list[Complaint] = []
        self.nearest = nearest or Nearest()
        self.statement: Statement

    def complain(
        self, kind: str, word: Word, effect: str, cure: Cure, *, fatal: bool = True, fix: Fix | None = None
    ) -> None:
        cure = cure if isinstance(cure, str) else cure(self.nearest)
        self.complaints.append(Complaint(kind, self.statement, word, effect, cure, fatal=fatal, fix=fix))
