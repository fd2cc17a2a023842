"""Conditions: `if` and `unless` with the names of ACLs, and with ACLs of their own in braces (parse_acl_cond)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import lru_cache
from halint.models.haproxy.language import acls, places
from halint.models.haproxy.language.fault import NO_VARIABLES, Fault, report
from halint.nearest import shown
from halint.patterns.haproxy_samples_table import FETCHES, PREDEFINED
from halint.readers.haproxy import VariableWord
from halint.versions import known

if TYPE_CHECKING:
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version

_BEGINNINGS = frozenset({"if", "unless"})
_DISJUNCTIONS = frozenset({"||", "or", "OR", "Or", "oR"})


def condition(words: list[Word], at: int, scope: Scope) -> int:
    """Complain into `scope` of the condition whose `if` or `unless` is word `at`; the index behind it.

    haproxy takes everything up to the end of the line as the condition.
    """
    variables = frozenset(number for number, word in enumerate(words) if isinstance(word, VariableWord))
    report(examine([word.text for word in words], at, scope, variables), words, scope)
    return len(words)


def takes(texts: list[str], at: int, scope: Scope) -> bool:
    """Whether nothing is to be said of the condition whose `if` or `unless` is text `at`."""
    return not examine(texts, at, scope, NO_VARIABLES)


def examine(texts: list[str], at: int, scope: Scope, variables: frozenset[int]) -> list[Fault]:
    """What is wrong with the condition whose `if` or `unless` is text `at`."""
    if at >= len(texts):
        return [_fault(len(texts) - 1, "a condition is missing", "add `if` or `unless` and an ACL")]
    if texts[at] not in _BEGINNINGS:
        if at in variables:
            return []
        effect = f"a condition begins with `if` or `unless`, and not with {shown(texts[at])}"
        return [_fault(at, effect, "correct it, or quote the words before it")]
    faults: list[Fault] = []
    place = places.of_condition(places.line_of(texts), scope.section, scope.mode)
    at += 1
    while at < len(texts):
        text = texts[at].lstrip("!")
        if text == "{":
            at = _anonymous(texts, at, scope.version, place, variables, faults)
        elif text and at not in variables and not _named(text, at, len(texts[at]) - len(text), scope, place, faults):
            break
        at += 1
    return faults


def _anonymous(
    texts: list[str], at: int, version: Version | None, place: int, variables: frozenset[int], faults: list[Fault]
) -> int:
    """Read the ACL in the braces that open at text `at`; the index of the closing one."""
    try:
        end = texts.index("}", at + 1)
    except ValueError:
        glued = next((number for number in range(at + 1, len(texts)) if "}" in texts[number]), None)
        cure = "add it" if glued is None else "put blanks around it"
        where = at if glued is None else glued
        faults.append(_fault(where, "the closing '}' of this condition is missing", cure))
        return len(texts)
    before = len(faults)
    possible = acls.examine(texts, at + 1, end, version, variables, faults)
    if place and len(faults) == before and not _there(possible, place):
        faults.append(_never(at + 1, repr(texts[at + 1]), possible, place))
    return end


def _named(name: str, at: int, start: int, scope: Scope, place: int, faults: list[Fault]) -> bool:
    """Look up the ACL `name`, which begins at `start` in text `at`; whether reading goes on, as haproxy stops at the
    first name that it does not know."""
    if name in _DISJUNCTIONS or scope.acls is None:
        return True
    possible = scope.acls.get(name)
    if possible is None:
        possible = predefined(name, scope.version)
    if possible is None:
        from halint.models.haproxy.language import condition_words

        faults.append(condition_words.unknown(name, at, start, scope))
        return False
    if place:
        for usable in possible:
            if not _there(usable, place):
                faults.append(_never(at, f"the ACL {name!r}, or a part of it,", usable, place))
                break
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


def _there(usable: int, place: int) -> bool:
    """Whether what can be used in the places `usable` is there at `place`."""
    columns = place & ~places.IN_HTTP
    return bool(usable & columns or not columns) and not place & ~usable & places.IN_HTTP


def _never(index: int, what: str, usable: int, place: int) -> Fault:
    columns = place & ~places.IN_HTTP
    if columns and not usable & columns:
        effect = f"{what} never matches in {places.name(columns)}: what it looks at is not there"
        cure = "look at something else, or keep the value in a variable"
    else:
        effect = f"{what} looks at bytes as they come in, and is ignored in mode http"
        cure = "look at the message, or at the connection (`ssl_fc_sni`)"
    return _fault(index, effect, cure, fatal=False)


def _fault(index: int, effect: str, cure: str, *, fatal: bool = True) -> Fault:
    return Fault("invalid-condition", index, effect, cure, fatal=fatal)
