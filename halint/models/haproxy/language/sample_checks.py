"""What single fetches and converters demand of the text of their arguments, beyond number and type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.patterns.haproxy_samples_table import CHECKS, SCOPES
from halint.readers.lexer import compiled
from halint.versions import known

if TYPE_CHECKING:
    from halint.models.haproxy.language.arguments import Argument, Problem
    from halint.versions import Version

#: Per kind of demand, what is good, and what it is called.
_KINDS = {
    "NONEMPTY": (r"(?s).+", "something"),
    "CHARACTER": (r"(?s).", "one character"),
    "TOKEN": (r"(?s).{4}", "a token of four characters"),
    "BYTES": (r"(?:[0-9A-Fa-f]{2})+", "pairs of hexadecimal digits"),
    "NONZERO": (r"[+-]?0*[1-9][0-9]*", "a number other than 0"),
    "OCCURRENCE": (r"[+]?[0-9]*|-0*(?:10|[0-9]?)", "-10 or more"),
    "FLAGS": (r"[gi]*", "the flags 'g' and 'i' only"),
}

_NUMBER = r"[+-]?[0-9]*"


def check(call: str, arguments: list[Argument], at: int, version: Version | None) -> Problem | None:
    """What haproxy refuses of the `arguments` of `call` ("fetch var"), which begin at `at`."""
    demands = CHECKS.get(call)
    if demands is None and call.startswith("converter map_"):
        demands = CHECKS["converter map"]
    for number, demand in enumerate(demands or ()):
        if number >= len(arguments):
            return None
        argument = arguments[number]
        wanted = _unmet(demand, argument.text, version)
        if wanted is not None:
            if not argument.text:
                return min(at, argument.start), max(at + 1, argument.end), f"{wanted} is missing", "add it"
            return argument.start, argument.end, f"{argument.text!r} is not {wanted}", "correct it"
    return None


def variable_fault(name: str, version: Version | None) -> str | None:
    """What the name of a variable should have been; None for one that haproxy takes."""
    scope, dot, rest = name.partition(".")
    lifetime = SCOPES.get(scope) if dot else None
    if lifetime is None or known(lifetime, version) is False:
        scopes = [scope for scope, life in SCOPES.items() if known(life, version)]
        return f"the name of a variable with its scope before a dot ({', '.join(scopes)})"
    return (
        None
        if compiled(r"[A-Za-z0-9_.]+").fullmatch(rest)
        else "the name of a variable of letters, digits, '_' and '.'"
    )


def _unmet(demand: str, text: str, version: Version | None) -> str | None:
    if not demand or (demand == "OPTIONAL_VARIABLE" and not text):
        return None
    if demand == "NUMBER_OR_VARIABLE":
        good = compiled(_NUMBER).fullmatch(text) is not None or variable_fault(text, version) is None
        return None if good else "an integer or the name of a variable"
    if demand.endswith("VARIABLE"):
        return variable_fault(text, version)
    if demand in _KINDS:
        pattern, meaning = _KINDS[demand]
        return None if compiled(pattern).fullmatch(text) else meaning
    words = demand.split("|")
    # The value of a bool may be in capitals.
    if text in words or (demand.startswith("true") and text.lower() in words):
        return None
    return " or ".join(repr(word) for word in words if word)
