"""The arguments of fetches and converters: how haproxy splits and reads them (make_arg_list in src/arg.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import lru_cache
from halint.models.haproxy.language import regexes
from halint.models.haproxy.language.scope import Cure
from halint.patterns import haproxy_expressions as patterns
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    import re

#: What is wrong with an expression: from where to where in its text, what haproxy finds there, and what to do.
Problem = tuple[int, int, str, Cure]

_BLANKS = {"r": "\r", "n": "\n", "t": "\t"}

_MEANINGS = {
    "integer": "an integer",
    "IPv4 address": "an IPv4 address",
    "IPv6 address": "an IPv6 address",
    "IPv4 mask": "a mask of 0 to 32 bits, or an IPv4 address",
    "IPv6 mask": "a mask of 0 to 128 bits, or an IPv6 address",
    "Protocol buffers field number": "field numbers with dots between them",
}


class Argument:
    """One argument: its text without quotes and escapes, and where it stands."""

    __slots__ = ("end", "start", "text")

    def __init__(self, start: int, end: int, text: str) -> None:
        self.start = start
        self.end = end
        self.text = text


@lru_cache(256)
def signature(takes: str) -> tuple[int, tuple[str, ...]]:
    """How many of the arguments that `takes` names ("string[,integer]") must be there, and the types of all."""
    mandatory, bracket, optional = takes.partition("[")
    first = tuple(filter(None, mandatory.split(",")))
    more = tuple(filter(None, optional.removesuffix("]").split(","))) if bracket else ()
    return len(first), first + more


def read(text: str, at: int, takes: str) -> tuple[list[Argument], int, Problem | None]:
    """The arguments at `at`, just behind the name of what takes `takes`; where they end, and what is wrong there."""
    least, types = signature(takes)
    arguments: list[Argument] = []
    opened = text.startswith("(", at)
    start = at
    at += opened
    if types and (opened or least):
        while len(arguments) < len(types):
            found = compiled(patterns.ARGUMENT).match(text, at) if opened else None
            end = found.end() if found else at
            argument = Argument(at, end, _plain(text[at:end]))
            if not argument.text and types[len(arguments)] not in _MAYBE_EMPTY:
                if len(arguments) < least:
                    cure = f"put {_meaning(types[len(arguments)])} there"
                    return arguments, end, (min(start, end), max(end, start + 1), "an argument is missing", cure)
                at = end
                break
            problem = _typed(argument, types[len(arguments)])
            arguments.append(argument)
            at = end
            if problem is not None:
                return arguments, end, problem
            if not opened or len(arguments) == len(types) or not text.startswith(",", at):
                break
            at += 1
    if len(arguments) < least:
        cure = f"add {_meaning(types[len(arguments)])}"
        return arguments, at, (start, at, f"{len(arguments)} of {least} arguments are there", cure)
    if not opened:
        return arguments, at, None
    if text.startswith(")", at):
        return arguments, at + 1, None
    if at >= len(text):
        return arguments, at, (start, at, "nothing closes this parenthesis", "add ')', or quote what hides it")
    if text[at] in '\\"':
        return arguments, at, (at, len(text), "the backslash at the end escapes nothing", "remove it")
    most = f"takes at most {len(types)}" if types else "takes no arguments"
    return arguments, at, (at, len(text), f"{most}, and more follows", "remove it, or quote the comma")


#: Types whose empty argument is an argument.
_MAYBE_EMPTY = frozenset(
    {"string", "frontend", "backend", "table", "server", "user list", "regex", "map", "variable", "identifier"}
)


#: Of these, what is left out is not the proxy's own; haproxy says so once all lines are read.
_NAMED = frozenset({"server", "user list"})


def _plain(raw: str) -> str:
    """`raw` as haproxy stores it: quotes gone, escapes read outside of single quotes."""
    if '"' not in raw and "'" not in raw and "\\" not in raw:
        return raw
    plain, quote, at = [], "", 0
    while at < len(raw):
        character = raw[at]
        if character in "\"'" and quote in {"", character}:
            quote = "" if quote else character
        elif character == "\\" and quote != "'" and (found := compiled(patterns.ESCAPE).match(raw, at)):
            plain.append(_unescaped(found))
            at = found.end()
            continue
        else:
            plain.append(character)
        at += 1
    return "".join(plain)


def _unescaped(found: re.Match[str]) -> str:
    escaped = found.group()[1]
    return _BLANKS.get(escaped, escaped)


def _typed(argument: Argument, kind: str) -> Problem | None:
    text = argument.text
    if kind == "integer":
        good = compiled(r"[+-]?[0-9]*").fullmatch(text) is not None
    elif kind == "IPv4 mask":
        good = is_mask(text)
    elif kind == "IPv6 mask":
        good = is_bits(text, 128) or is_ipv6(text)
    elif kind == "IPv4 address":
        good = is_ipv4(text)
    elif kind == "IPv6 address":
        good = is_ipv6(text)
    elif kind == "Protocol buffers field number":
        good = compiled(r"[0-9]+(?:\.[0-9]+)*").fullmatch(text) is not None
    elif kind == "regex":
        fault = regexes.fault(text)
        if fault is not None:
            return argument.start, argument.end, f"the regular expression {fault}", "correct it"
        good = True
    elif kind in _NAMED and not text:
        end = max(argument.end, argument.start + 1)
        return min(argument.start, end - 1), end, f"{_meaning(kind)} is missing", "name one"
    else:
        good = True
    return None if good else (argument.start, argument.end, f"{text!r} is not {_meaning(kind)}", "correct it")


def _meaning(kind: str) -> str:
    return _MEANINGS.get(kind, f"a {kind}")


def is_ipv4(text: str) -> bool:
    """Whether inet_pton takes `text`: four numbers, none above 255 or with a leading zero."""
    return compiled(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}").fullmatch(text) is not None


def is_ipv6(text: str) -> bool:
    """Whether inet_pton takes `text`."""
    if ":" not in text or not compiled(r"[0-9A-Fa-f:.]{2,45}").fullmatch(text):
        return False
    import socket

    try:
        socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        return False
    return True


def is_bits(text: str, most: int) -> bool:
    return compiled(r"[+]?[0-9]{1,9}").fullmatch(text) is not None and int(text) <= most


def is_mask(text: str) -> bool:
    """Whether `text` is the mask of an IPv4 network (str2mask in src/tools.c): its zeros may stand between ones."""
    return is_ipv4(text) if "." in text else is_bits(text, 32)
