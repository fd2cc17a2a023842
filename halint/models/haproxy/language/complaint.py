"""What haproxy says of one place in its files when it reads them."""

from __future__ import annotations

from halint.finding import Fix
from halint.tree import Statement, Word


class Complaint:
    """One message that `haproxy -c` has for a line.

    kind: which rule reports it, the name of its file with hyphens ("unknown-keyword", "missing-argument"...).
    fatal: whether haproxy refuses to start (ALERT); else it starts (WARNING), and `effect` says without what.
    word: where. statement: the line that it is in. effect: what haproxy does of it, behind "haproxy will" or alone,
    as the rule says. cure: what to do. fix: edits that do it, or None. meant: the keyword that the word was probably
    meant to be, "" where none is like it. reach: up to where haproxy misreads what follows because of it, 0 where it
    misreads nothing.
    """

    __slots__ = ("cure", "effect", "fatal", "fix", "kind", "meant", "reach", "statement", "word")

    def __init__(
        self,
        kind: str,
        statement: Statement,
        word: Word,
        effect: str,
        cure: str,
        *,
        fatal: bool = True,
        fix: Fix | None = None,
        meant: str = "",
    ) -> None:
        self.kind = kind
        self.statement = statement
        self.word = word
        self.effect = effect
        self.cure = cure
        self.fatal = fatal
        self.fix = fix
        self.meant = meant
        self.reach = 0

    def __repr__(self) -> str:
        return f"Complaint({self.kind} {self.word.text!r})"
