"""Which rules are meant: by code, by the first characters of codes, or by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.rule import Rule


def means(selector: str, rule: Rule) -> bool:
    """Whether `selector` means `rule`: KA201, KA2, vrid-mismatch-across-nodes or ALL."""
    wanted = selector.upper()
    return bool(wanted) and (rule.code.startswith(wanted) or rule.name.upper() == wanted or wanted == "ALL")


class Selection:
    """The rules that some selector of `select` means (all where there is none), but none of `ignore`."""

    __slots__ = ("ignore", "select")

    def __init__(self, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> None:
        self.select = tuple(select)
        self.ignore = tuple(ignore)

    def __contains__(self, rule: Rule) -> bool:
        return (not self.select or any(means(s, rule) for s in self.select)) and not any(
            means(s, rule) for s in self.ignore
        )

    def unknown(self, rules: Iterable[Rule]) -> list[str]:
        """The selectors that mean none of `rules`."""
        known = list(rules)
        return [s for s in (*self.select, *self.ignore) if not any(means(s, rule) for rule in known)]
