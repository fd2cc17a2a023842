"""Where a line stands, as far as it decides what haproxy takes there, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from halint.finding import Applicability
from halint.models.haproxy.language.complaint import Complaint
from halint.nearest import Nearest
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.finding import Fix
    from halint.models.haproxy.language.signature import Choice
    from halint.versions import Version


class Slip:
    """What to do about the word `name`, which is none of `names()`: these are asked for when somebody complains, since
    a text that many lines share is judged once.

    otherwise: what to do where none of the names is like it. applicability: of the fix that writes the nearest.
    """

    __slots__ = ("applicability", "name", "names", "otherwise")

    def __init__(
        self,
        name: str,
        names: Callable[[], Iterable[str]],
        otherwise: str,
        applicability: Applicability = Applicability.UNSAFE,
    ) -> None:
        self.name = name
        self.names = names
        self.otherwise = otherwise
        self.applicability = applicability


class Instead:
    """What to do about the word `name`: write `text` in its place. cure: the same in words."""

    __slots__ = ("cure", "name", "text")

    def __init__(self, name: str, text: str, cure: str) -> None:
        self.name = name
        self.text = text
        self.cure = cure


#: What to do about a complaint, in words, or with the fix that does it.
Cure = str | Slip | Instead


class Scope:
    """The section that a line stands in.

    section: its keyword ("frontend", "global", "peers"...). named: whether it is a defaults section with a name, which
    takes more than one without (haproxy 2.6). version: of haproxy, None for the newest. mode: "http", "tcp"..., of
    the proxy with what it inherits; None where that is not known. statement: the line being read.
    acls: the ACLs that are declared so far in the proxy and in what it inherits from, by name: for each of their
    expressions the places where it can be used (places.py); None where one may be declared that halint does not see.
    exposed: whether experiments are allowed so far (`expose-experimental-directives`); None where that is not known.
    offered: the index of a word that none of several optional ones was, and the choices of these; None where there was
    no such word.
    complaints: what was found, in order. nearest: finds the known word that was probably meant.
    """

    __slots__ = (
        "acls", "complaints", "exposed", "mode", "named", "nearest", "offered", "section", "statement", "version",
    )  # fmt: skip

    def __init__(
        self, section: str, named: bool, version: Version | None, mode: str | None, nearest: Nearest | None = None
    ) -> None:
        self.section = section
        self.named = named
        self.version = version
        self.mode = mode
        self.acls: dict[str, frozenset[int]] | None = {}
        self.exposed: bool | None = False
        self.offered: tuple[int, tuple[Choice, ...]] | None = None
        self.complaints: list[Complaint] = []
        self.nearest = nearest or Nearest()
        self.statement: Statement

    def complain(
        self,
        kind: str,
        word: Word,
        effect: str,
        cure: Cure,
        *,
        fatal: bool = True,
        fix: Fix | None = None,
        meant: str = "",
    ) -> None:
        if not isinstance(cure, str):
            from halint.models.haproxy.language import slips

            cure, fix = slips.cured(cure, word, self.nearest)
        self.complaints.append(Complaint(kind, self.statement, word, effect, cure, fatal=fatal, fix=fix, meant=meant))
