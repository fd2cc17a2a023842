"""The arguments of a keyword against what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from halint.models.haproxy_language.scope import Scope
    from halint.tree import Word


def check(signature: Any, words: list[Word], at: int, scope: Scope) -> None:
    """Complain into `scope` of the words from `at` on that `signature` does not take: () takes none."""
    if not signature and at < len(words):
        word = words[at]
        scope.complain("unexpected-argument", word, f"takes nothing behind {words[at - 1].text!r}", "remove it")
