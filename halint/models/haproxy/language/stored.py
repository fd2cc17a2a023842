"""What a stick-table stores of each of its entries (`store`: parse_stick_table() in src/stick_table.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.haproxy.language import quantities
from halint.nearest import shown
from halint.readers.lexer import compiled
from halint.versions import ALWAYS, known, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Lifetime

_ARRAYS: Lifetime = ((2, 4), (2, 6), None, None)
_GLITCHES: Lifetime = ((2, 8), (3, 0), None, None)

#: What can be stored, what is in brackets behind it (the size of an array, a period), and since when: the sources of
#: 2.4.30, 2.6.12, 2.8.5, 3.0.11 and 3.2.9.
TYPES: dict[str, tuple[tuple[str, ...], Lifetime]] = {
    "bytes_in_cnt": ((), ALWAYS), "bytes_in_rate": (("period",), ALWAYS), "bytes_out_cnt": ((), ALWAYS),
    "bytes_out_rate": (("period",), ALWAYS), "conn_cnt": ((), ALWAYS), "conn_cur": ((), ALWAYS),
    "conn_rate": (("period",), ALWAYS), "glitch_cnt": ((), _GLITCHES), "glitch_rate": (("period",), _GLITCHES),
    "gpc": (("size",), _ARRAYS), "gpc0": ((), ALWAYS), "gpc0_rate": (("period",), ALWAYS), "gpc1": ((), ALWAYS),
    "gpc1_rate": (("period",), ALWAYS), "gpc_rate": (("size", "period"), _ARRAYS), "gpt": (("size",), _ARRAYS),
    "gpt0": ((), ALWAYS), "http_err_cnt": ((), ALWAYS), "http_err_rate": (("period",), ALWAYS),
    "http_fail_cnt": ((), ALWAYS), "http_fail_rate": (("period",), ALWAYS), "http_req_cnt": ((), ALWAYS),
    "http_req_rate": (("period",), ALWAYS), "server_id": ((), ALWAYS), "server_key": ((), ALWAYS),
    "sess_cnt": ((), ALWAYS), "sess_rate": (("period",), ALWAYS),
}  # fmt: skip

#: The newest version whose types are all here.
_LAST = (3, 2)

#: An array takes the place of what has its name and a number.
_INSTEAD = {
    "gpc": ("gpc0", "gpc1"),
    "gpc_rate": ("gpc0_rate", "gpc1_rate"),
    "gpt": ("gpt0",),
}

_LARGEST = 100

#: What stands in the brackets, for instance.
_EXAMPLES = {"size": "2", "period": "10s"}

_MILLISECONDS = quantities.time("ms")


def store(words: list[Word], at: int, scope: Scope) -> int:
    """The index behind word `at`, a list of data types with commas, or END once there was a complaint."""
    if at >= len(words) or not words[at].text:
        return at
    before = {name for number in _others(words, at) for name, _ in _parts(words[number].text)}
    for name, inside in _parts(words[at].text):
        said = _problem(name, inside, scope)
        if said is None and name in before:
            _complain(scope, words, at, f"{name!r} is stored already, and ignored", "remove it", fatal=False)
        if said is not None:
            why, cure = said
            effect = f"'store' needs a list of data types, but {shown(words[at].text)} {why}"
            return _complain(scope, words, at, effect, cure)
        before.add(name)
    for array, single in _INSTEAD.items():
        both = [name for name in single if name in before]
        if array in before and both:
            effect = f"{array!r} takes the place of {both[0]!r}, and a table has one of them"
            return _complain(scope, words, at, effect, f"keep {array!r} alone, and use its numbers")
    return at + 1


def _complain(scope: Scope, words: list[Word], at: int, effect: str, cure: str, *, fatal: bool = True) -> int:
    from halint.models.haproxy.language import refusal

    return refusal.word(scope, words, at, effect, cure, fatal=fatal)


def _others(words: list[Word], at: int) -> Iterator[int]:
    """The words before `at` that stand behind a `store`, too."""
    return (number for number in range(2, at) if words[number - 1].text == "store")


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Each data type of the list `text`, and what is in its brackets; None where there are none."""
    parts = compiled(r",(?![^(]*\))").split(text)
    for part in parts if parts[-1] else parts[:-1]:
        name, bracket, rest = part.partition("(")
        yield name, rest if bracket else None


def _problem(name: str, inside: str | None, scope: Scope) -> tuple[str, str] | None:
    """What is wrong with the data type `name` and what is in its brackets, and what to do."""
    if name not in TYPES:
        near = scope.nearest(name, TYPES)
        if near is None and (scope.version is None or scope.version[:2] > _LAST):
            return None
        return f"has {shown(name)} in it, which is none", f"{near!r} is the nearest" if near else "correct it"
    needs, lifetime = TYPES[name]
    if known(lifetime, scope.version) is False:
        return f"has {name!r} in it, which {show(scope.version or ())} does not have yet", "leave it out"
    if not needs:
        return None if inside is None else (f"has brackets behind {name!r}", "remove them")
    example = f"{name}({','.join(_EXAMPLES[kind] for kind in needs)})"
    values = [] if inside is None else inside.partition(")")[0].split(",")
    if len(values) < len(needs):
        return f"lacks its {' and '.join(needs)} in brackets, as in {example}", "correct it"
    if inside is not None and ")" not in inside:
        return f"lacks the closing bracket of {name!r}", "add ')'"
    if needs == ("size",) and len(values) > 1:
        return f"has more in the brackets of {name!r} than its size", "remove the rest"
    for kind, value in zip(needs, values, strict=False):
        if kind == "size" and not 1 <= (quantities.leading(value) or 0) <= _LARGEST:
            return f"has a size of {name!r} that is not from 1 to {_LARGEST}", "correct it"
        if kind == "period" and not 0 <= _period(value) <= quantities.LONGEST:
            return f"has a period of {name!r} that is no time, as in {example}, or above 24 days", "correct it"
    return None


def _period(text: str) -> int:
    """The time `text` in milliseconds, -1 where it is none."""
    found = _MILLISECONDS(text)
    return -1 if found is None else found
