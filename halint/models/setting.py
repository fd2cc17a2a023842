"""A setting: the value that the daemon will use, and where it comes from."""

from __future__ import annotations

from typing import Generic, TypeVar

from halint.finding import Located
from halint.tree import Statement, Word

T = TypeVar("T")


class Setting(Generic[T]):
    """One effective value.

    value: what the daemon will use. word: as written, or None where it is a default.
    statement: the statement that sets it, or None. at: the word, or what the default belongs to.
    """

    __slots__ = ("anchor", "statement", "value", "word")

    def __init__(self, value: T, anchor: Located, word: Word | None = None, statement: Statement | None = None) -> None:
        self.value = value
        self.anchor = anchor
        self.word = word
        self.statement = statement

    @property
    def at(self) -> Located:
        return self.anchor if self.word is None else self.word

    def __repr__(self) -> str:
        return f"Setting({self.value!r}{'' if self.word else ', default'})"
