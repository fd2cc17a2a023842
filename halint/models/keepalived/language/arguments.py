"""What of the words of a line its signature does not take."""

from __future__ import annotations

from halint import address
from halint.light import cache
from halint.models.keepalived.language.signature import ANY, REST, Part, parse
from halint.patterns import keepalived_values as values
from halint.readers.lexer import compiled

#: The atoms that take any IPv4 address.
_TAKE_IPV4 = frozenset({"ADDRESS", "IP", "IPADDRESS", "RANGE", "ROUTE"})


class Fault:
    """The first word of a line that its signature does not take.

    kind: "missing" (the word behind `index` is not there), "invalid", "range" (a number that is too small or too
    large), "unknown" (none of the options), or "extra". index: of the word. part: what should stand there.
    """

    __slots__ = ("index", "kind", "part")

    def __init__(self, kind: str, index: int, part: Part) -> None:
        self.kind = kind
        self.index = index
        self.part = part


@cache
def explain(signature: str, words: tuple[str, ...]) -> Fault | None:
    """What of `words` the `signature` does not take; None where it takes all, or keepalived ignores the rest.

    Most words have been met before, and who reads a file after another asks the same again.
    """
    return _match(parse(signature), words, 0)[1]


def _match(part: Part, words: tuple[str, ...], at: int) -> tuple[int, Fault | None]:
    """How far `part` takes `words` from `at` on, and what it does not take."""
    kind = part.kind
    if kind == "sequence":
        for inner in part.parts:
            at, fault = _match(inner, words, at)
            if fault is not None:
                return at, fault
        return at, None
    if kind == "optional":
        return (at, None) if at >= len(words) else _match(part.parts[0], words, at)
    if kind == "end":
        return (at, None) if at >= len(words) else (at, Fault("extra", at, part))
    if kind == "options":
        while at < len(words):
            after, fault = _one_of(part, words, at)
            if fault is not None:
                strange = fault.index == at and fault.kind == "invalid" and not words[at][:1].isdigit()
                return at, Fault("unknown", at, part) if strange and part.words() else fault
            at = after
        return at, None
    if at >= len(words):
        return at, Fault("missing", at, part)
    if kind == "choice":
        return _one_of(part, words, at)
    if kind == "repeat":
        while at < len(words):
            at, fault = _match(part.parts[0], words, at)
            if fault is not None:
                return at, fault
        return at, None
    word = words[at]
    if kind == "word":
        same = word.lower() == part.text.lower() if part.nocase else word == part.text
        return (at + 1, None) if same else (at, Fault("invalid", at, part))
    if part.text == REST:
        return len(words), None
    wrong = _wrong(part, word)
    return (at, Fault(wrong, at, part)) if wrong else (at + 1, None)


def _one_of(part: Part, words: tuple[str, ...], at: int) -> tuple[int, Fault | None]:
    """The first of the alternatives that takes the words; else the fault of the one that takes most of them."""
    worst = Fault("invalid", at, part)
    for inner in part.parts:
        if inner.first and inner.first != words[at]:
            continue
        after, fault = _match(inner, words, at)
        if fault is None:
            return after, None
        if fault.index > worst.index or (fault.kind == "range" and fault.index == worst.index):
            worst = fault
    return at, worst


def _wrong(part: Part, word: str) -> str:
    """ "invalid" or "range" where `word` is not what the atom `part` takes; else ""."""
    if part.text in ANY:
        return ""
    if part.text in _TAKE_IPV4 and compiled(address.IPV4).fullmatch(word):
        return ""  # nearly all are, and compiling the pattern of an IPv6 address takes as long as reading a file
    if not compiled(getattr(values, part.text)).fullmatch(word):
        return "invalid"
    if part.text == "STATUS":
        low, _, high = word.partition("-")
        return "invalid" if high and int(high) < int(low) else ""
    if part.low is None or part.high is None:
        return ""
    number = _number(word)
    return "" if part.low <= number <= part.high else "range"


def _number(word: str) -> int | float:
    """What a NUMBER or a time means, as near as a range needs."""
    digits = word.strip(" \t\r\n\f\v").lstrip("+-")
    sign = -1 if word.strip(" \t\r\n\f\v").startswith("-") else 1
    whole, point, part = digits.partition(".")
    if len(whole) > 30:
        return sign * 10**30
    return sign * (float(f"{whole or 0}.{part or 0}") if point else int(whole or 0))
