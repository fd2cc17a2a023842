"""The keywords of each block, from the table."""

from __future__ import annotations

from typing import Any

from halint.light import cache
from halint.patterns.keepalived_table import BLOCKS
from halint.versions import Lifetime


class Keyword:
    """A keyword where it may stand; the meaning of the fields: grammars/keepalived.toml.

    block: the path of the block that it stands in, "" outside all. form: "keywords", "values" or None.
    arguments: the signature of what stands behind it, line: of the lines of its block; None where anything may.
    repeat: "last", "adds", "first" or "replaces".
    """

    __slots__ = ("arguments", "block", "form", "lifetime", "line", "name", "repeat", "rest")

    def __init__(self, block: str, name: str, row: tuple[Any, ...]) -> None:
        self.block = block
        self.name = name
        self.form: str | None
        self.lifetime: Lifetime
        self.arguments: str | None
        self.line: str | None
        rest: dict[str, Any] | None
        self.form, self.lifetime, self.arguments, self.line, rest = row
        self.rest = rest or {}
        self.repeat: str = self.rest.get("repeat", "last")

    @property
    def path(self) -> str:
        return f"{self.block}/{self.name}" if self.block else self.name

    @property
    def owner(self) -> str:
        """The rule that judges its values, or ""."""
        return str(self.rest.get("owner", ""))

    @property
    def fatal(self) -> bool:
        """Whether keepalived stops where its argument is missing."""
        return "missing" not in self.rest

    @property
    def drops(self) -> bool:
        """Whether keepalived ignores the whole block where its arguments are wrong."""
        return bool(self.rest.get("drops"))

    def effect(self, kind: str, text: str) -> str:
        """What keepalived does where the argument `text` is wrong. kind: of the Fault."""
        if kind == "range":
            exact = self.rest.get("zero" if text.strip("0") == "" else "outside", self.rest.get("outside"))
            if exact is not None:
                return str(exact)
        return str(self.rest.get("otherwise", "ignores the block" if self.drops else "ignores the line"))

    @property
    def replacement(self) -> str:
        """What replaces it, where it is deprecated; else ""."""
        return str(self.rest.get("deprecated", ""))

    @property
    def default(self) -> str:
        return str(self.rest.get("default", ""))


@cache
def keywords(block: str) -> dict[str, Keyword]:
    """The keywords of the block with the path `block` by their name."""
    return {name: Keyword(block, name, row) for name, row in BLOCKS[block].items()}


@cache
def homes(name: str) -> tuple[str, ...]:
    """The paths of the blocks that have the keyword `name`."""
    return tuple(block for block, rows in BLOCKS.items() if name in rows)
