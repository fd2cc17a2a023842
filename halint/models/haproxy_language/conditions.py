"""Conditions: `if` and `unless` with the names of ACLs, and with ACLs of their own in braces (parse_acl_cond)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from halint.models.haproxy_language import acls, places
from halint.patterns.haproxy_samples_table import FETCHES, PREDEFINED
from halint.readers.haproxy import VariableWord
from halint.versions import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.models.haproxy_language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version


def condition(words: list[Word], at: int, scope: Scope, line: str | None = None) -> int:
    """Complain into `scope` of the condition whose `if` or `unless` is word `at`; the index behind it.

    haproxy takes everything up to the end of the line as the condition.
    line: as what the line is evaluated (places.py); None takes what it begins with.
    """
    if at >= len(words):
        scope.complain("invalid-condition", words[-1], "a condition is missing", "add `if` or `unless` and an ACL")
        return at
    if words[at].text not in {"if", "unless"}:
        if not isinstance(words[at], VariableWord):
            scope.complain(
                "invalid-condition",
                words[at],
                f"a condition begins with `if` or `unless`, and not with {words[at].text!r}",
                "correct it, or quote the words before it",
            )
        return len(words)
    place = places.of_condition(line or places.line_of(words), scope.section, scope.mode)
    at += 1
    while at < len(words):
        word = words[at]
        text = word.text.lstrip("!")
        if text == "{":
            at = _anonymous(words, at, scope, place)
        elif text and not isinstance(word, VariableWord) and not _named(text, word, scope, place):
            return len(words)
        at += 1
    return len(words)


def _anonymous(words: list[Word], at: int, scope: Scope, place: int) -> int:
    """Read the ACL in the braces that open at word `at`; the index of the closing one."""
    end = at + 1
    while end < len(words) and words[end].text != "}":
        end += 1
    if end == len(words):
        glued = next((word for word in words[at + 1 :] if "}" in word.text), None)
        cure = "put blanks around it" if glued else "add it"
        scope.complain("invalid-condition", glued or words[at], "the closing '}' of this condition is missing", cure)
        return end
    before = len(scope.complaints)
    possible = acls.expression(words, at + 1, end, scope)
    if place and len(scope.complaints) == before:
        _reachable(words[at + 1], repr(words[at + 1].text), (possible,), scope, place)
    return end


def _named(name: str, word: Word, scope: Scope, place: int) -> bool:
    """Look up the ACL `name`; whether reading goes on, as haproxy stops at the first name that it does not know."""
    if name == "||" or name.lower() == "or" or scope.acls is None:
        return True
    possible = scope.acls.get(name)
    if possible is None:
        possible = predefined(name, scope.version)
    if possible is None:
        from halint.models.haproxy_language import condition_words

        condition_words.unknown(name, word, scope)
        return False
    if place:
        _reachable(word, f"the ACL {name!r}, or a part of it,", possible, scope, place)
    return True


@lru_cache(64)
def predefined(name: str, version: Version | None) -> frozenset[int] | None:
    """Where the ACL `name` can match that haproxy of `version` has by itself; None where it has none."""
    entry = PREDEFINED.get(name)
    if entry is None or known(entry[0], version) is False:
        return None
    bits = 0
    for lifetime, place, _, _ in FETCHES[entry[1]]:
        if known(lifetime, version) is not False:
            bits |= place
    return frozenset({bits})


def _reachable(word: Word, what: str, possible: Iterable[int], scope: Scope, place: int) -> None:
    """Complain of an ACL with expressions that are `possible` where none of `place` is."""
    columns = place & ~places.IN_HTTP
    for usable in possible:
        if columns and not usable & columns:
            effect = f"{what} never matches in a {places.name(columns)}: what it looks at is not there"
            cure = "look at something else, or keep the value in a variable"
        elif place & ~usable & places.IN_HTTP:
            effect = f"{what} looks at bytes as they come in, and is ignored in mode http"
            cure = "look at the message, or at the connection (`ssl_fc_sni`)"
        else:
            continue
        scope.complain("invalid-condition", word, effect, cure, fatal=False)
        break
