r"""The notation in which tables write the arguments of a keyword. Imports pyparsing: never on the check path.

    signature    = alternatives ;                      the words behind the keyword, to the end of the line
    alternatives = sequence { "|" sequence } ;
    sequence     = { step } ;
    step         = kind | literal { "," literal } | "<" table ">" | one | maybe | any ;
    kind         = KIND [ "(" [ number ] ".." [ number ] | text ")" ] [ "^" ] [ "~" [ "~" ] ] [ "..." ] ;
    literal      = ( word | "'" text "'" ) [ ( "!" | "=" ) name ] [ "@" lifetime ] ;
    one          = "(" alternatives ")" ;              one of them
    maybe        = "[" alternatives "]" ;              one of them, or nothing
    any          = "{" alternatives "}" ;              any number of them, in any order
    lifetime     = change [ "-" change ] | "-" change ;    when it came, and when it was gone
    change       = version | version ".." version ;        that which has it first, or those between which it came

A KIND (capitals: TIME, NUMBER, WORD...) is a word, or words, of that kind (halint/models/haproxy/language/kinds.py),
and what is in its brackets are its bounds or what else it needs to know. With `^` it is the keyword itself
(`set-var(txn.a)`). With `~`, haproxy takes a word of another kind, too, and warns; with `~~` also none. With `...` it
is one word of the kind or more. `ANY...` is all that is left: haproxy does not read it. `<bind>` is an entry of that
table, its own arguments behind it. Of the literals with the same `!name`, one at least must be there; with `=name`
exactly one. Each step is decided by one word: of alternatives at most one begins with a kind, and that is taken where
no literal fits. What is left of a line at its end is refused.

    TIME                               timeout client 30s
    on|off                             tune.ssl.keylog on
    roundrobin | uri {len NUMBER|whole}    balance
    BIND_ADDRESSES {<bind>}            bind :80 name x

A signature that changed is a list, each with the versions that it is known of: `..2.6 ATOI`, `2.8.. INTEGER`;
a version in none of them is not looked at.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pyparsing as pp

Version = tuple[int, ...]


def parse(signature: str | list[str]) -> tuple[Any, ...]:
    """`signature` as halint/models/haproxy/language/signature.py runs it: `(first version, last version, steps)` of
    each that it ever was. A step is `(KIND, bound or text, bound, flags)`, or
    `(bracket, literals, kinds, table, groups)`: the literals as `(word, lifetime or None, steps)`, the steps of the
    alternative that begins with a kind, and of each group the words and whether one of them excludes the others.

    Raises ValueError where the notation is not kept.
    """
    if isinstance(signature, str):
        return ((None, None, _steps(signature)),)
    found = []
    for text in signature:
        versions, _, rest = text.partition(" ")
        first, dots, last = versions.partition("..")
        if not dots:
            raise ValueError(f"expected versions before {text!r}")
        found.append((_version(first), _version(last), _steps(rest)))
    return tuple(found)


def _steps(text: str) -> tuple[Any, ...]:
    try:
        (found,) = _notation().parse_string(text, parse_all=True)
    except pp.ParseBaseException as error:
        raise ValueError(f"{text!r}: {error}") from error
    steps: tuple[Any, ...] = _flat(found)
    return steps


def _flat(choice: Any) -> tuple[Any, ...]:
    """The steps of a choice that must be made, the steps themselves where there is but one."""
    bracket, literals, kinds, table, _ = choice
    if bracket == "(" and not literals and table is None:
        return kinds or ()
    return (choice,)


@cache
def _notation() -> pp.ParserElement:
    alternatives = pp.Forward()
    kind = pp.Regex(r"[A-Z][A-Z0-9_]*(?![a-z])(?:\([^()]*\))?(?P<flags>\^?~{0,2}(?:\.\.\.)?)")
    word = pp.QuotedString("'") | pp.Regex(r"[^\s|()\[\]{}<>@!=',]+")
    group = pp.Opt(pp.Regex("[!=][a-z]+"), "")
    literal = pp.Group(word + group + pp.Opt(pp.Suppress("@") + pp.Regex(r"(?=[0-9-])[0-9.]*-?[0-9.]*"), ""))
    literals = pp.Group(pp.DelimitedList(literal))
    table = pp.Suppress("<") + pp.Regex("[a-z -]+") + pp.Suppress(">")
    one, maybe, any_ = (pp.Suppress(left) + alternatives + pp.Suppress(right) for left, right in ("()", "[]", "{}"))
    one.set_parse_action(lambda found: [_choice("(", found[0])])
    maybe.set_parse_action(lambda found: [_choice("[", found[0])])
    any_.set_parse_action(lambda found: [_choice("{", found[0])])
    kind.set_parse_action(lambda found: [_kind(found)])
    literals.set_parse_action(lambda found: [("literals", [tuple(one) for one in found[0]])])
    table.set_parse_action(lambda found: [("table", found[0])])
    step = kind | table | one | maybe | any_ | literals
    sequence = pp.Group(step[...])
    alternatives <<= pp.Group(pp.DelimitedList(sequence, "|"))
    whole = alternatives.copy()
    whole.set_parse_action(lambda found: [_choice("(", found[0])])
    return whole


def _kind(found: pp.ParseResults) -> tuple[Any, ...]:
    flags = found["flags"]
    name, bracket, rest = found[0].removesuffix(flags).partition("(")
    inside = rest[:-1] if bracket else None
    if inside is None or ".." not in inside:
        return name, inside, None, flags
    low, _, high = inside.partition("..")
    return name, int(low) if low else None, int(high) if high else None, flags


def _choice(bracket: str, sequences: Any) -> tuple[Any, ...]:
    literals: list[tuple[Any, ...]] = []
    groups: dict[str, list[str]] = {}
    kinds = table = None
    for sequence in sequences:
        first, *rest = sequence or [("nothing",)]
        behind = _sequence(rest)
        if first[0] == "literals":
            for word, group, lifetime in first[1]:
                if group:
                    groups.setdefault(group, []).append(word)
                literals.append((word, _lifetime(lifetime) if lifetime else None, behind))
        elif first[0] == "table":
            table = first[1]
        elif first[0] != "nothing":
            if kinds is not None:
                raise ValueError("two alternatives begin with a kind")
            kinds = _sequence(sequence)
    exact = tuple((tuple(words), group[0] == "=") for group, words in groups.items())
    return bracket, tuple(literals), kinds, table, exact


def _sequence(steps: Any) -> tuple[Any, ...]:
    found: list[Any] = []
    for step in steps:
        if step[0] == "literals":
            found.append(_choice("(", [[step]]))
        elif step[0] == "table":
            found.append(("(", (), None, step[1], ()))
        else:
            found += _flat(step) if step[0] == "(" else [step]
    return tuple(found)


def _lifetime(text: str) -> tuple[Version | None, ...]:
    since, _, gone = text.partition("-")
    return (*_change(since), *_change(gone))


def _change(text: str) -> tuple[Version | None, Version | None]:
    """The last version before a change, and the first behind it."""
    if not text:
        return None, None
    before, dots, behind = text.partition("..")
    return (_version(before), _version(behind)) if dots else (_before(_version(text)), _version(text))


def _before(version: Version | None) -> Version:
    major, minor = (version or ())[:2]
    return (major, minor - 1) if minor else (major - 1, 9)


def _version(text: str) -> Version | None:
    return tuple(int(part) for part in text.split(".")) if text else None
