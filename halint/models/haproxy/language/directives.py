"""The conditions of `.if` and `.elif` (src/cfgcond.c), and what must not stand behind `.else` and `.endif`.

condition  = [ either ] ;                              an empty one is false
either     = both { "||" both } ;
both       = term { "&&" term } ;
term       = { "!" } ( number | "(" either ")" | predicate ) ;
predicate  = name [ "(" [ argument { "," argument } ] ")" ] ;
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.haproxy.language import arguments
from halint.models.haproxy.language.scope import Cure, Scope
from halint.nearest import shown
from halint.patterns.haproxy_samples_table import PREDICATES
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.versions import known, show

if TYPE_CHECKING:
    from halint.models.haproxy.language.complaint import Complaint
    from halint.nearest import Nearest
    from halint.tree import Statement, Word
    from halint.versions import Version

    #: Where something is wrong, what, and what to do.
    Problem = tuple[int, str, Cure]

#: The first whose conditions are read as above, and the newest whose predicates are all known: sources were looked at.
_FIRST, _LAST = (2, 6), (3, 2)

_NUMBER = r"[+-]?(?:0[xX][0-9A-Fa-f]+|[0-9]+)"


def complaints(directives: list[Statement], version: Version, nearest: Nearest) -> list[Complaint]:
    """What haproxy of `version` says of the arguments of `directives`."""
    scope = Scope("", False, version, None, nearest)
    for line in directives:
        scope.statement = line
        behind = line.arguments
        if line.keyword in {".else", ".endif"}:
            if behind and behind[0].text:
                effect = f"{shown(behind[0].text)} is too much behind {line.keyword!r}"
                scope.complain("unexpected-argument", behind[0], effect, "remove it, or put a # before it")
        elif behind and version[:2] >= _FIRST and not any(isinstance(word, VariableWord) for word in behind):
            text = " ".join(word.text for word in behind)
            found = problem(text, version, nearest)
            if found is not None:
                at, effect, cure = found
                scope.complain("invalid-condition", _word(behind, at), f"{line.keyword!r}: {effect}", cure)
    return scope.complaints


def _word(words: list[Word], at: int) -> Word:
    """That of `words`, with one blank between them, which holds the character `at`, or is the last before it."""
    for word in words[:-1]:
        at -= len(word.text) + 1
        if at < 0:
            return word
    return words[-1]


def problem(text: str, version: Version, nearest: Nearest) -> Problem | None:
    """Why haproxy of `version` cannot read the condition `text`; None where it can."""
    opened: list[int] = []
    at, wanted = 0, True
    end = len(text.rstrip(" \t"))
    while at < end:
        character = text[at]
        if character in " \t" or (wanted and character == "!"):
            at += 1
        elif wanted and character == "(":
            opened.append(at)
            at += 1
        elif wanted:
            number = compiled(_NUMBER).match(text, at)
            if number is not None:
                at = number.end()
            else:
                behind, found = _predicate(text, at, version, nearest)
                if found is not None or behind < 0:
                    return found
                at = behind
            wanted = False
        elif text.startswith(("&&", "||"), at):
            at += 2
            wanted = True
        elif character == ")" and opened:
            opened.pop()
            at += 1
        else:
            cure = "remove the blank before it" if character == "(" else "join conditions with && or ||"
            return at, f"{shown(text[at:end].split(' ')[0])} has no meaning here", cure
    if wanted and (opened or end):
        return max(end - 1, 0), "a condition is missing at the end", "add it, or remove what joins it"
    if opened:
        return opened[-1], "nothing closes this parenthesis", "add ')'"
    return None


def _predicate(text: str, at: int, version: Version, nearest: Nearest) -> tuple[int, Problem | None]:
    """The end of the predicate at `at`, below 0 where that is not known, and what is wrong with it."""
    word = compiled(r"[^ (]*").match(text, at)
    name = word.group() if word else ""
    lifetime, takes = PREDICATES.get(name, (None, ""))
    there = None if lifetime is None else known(lifetime, version)
    if lifetime is not None and there is None:
        return -1, None
    if lifetime is None or not there:
        if lifetime is not None and lifetime[1] is not None:
            effect = f"{show(version)} does not know {name!r} yet, {show(lifetime[1])} does"
            return -1, (at, effect, "upgrade haproxy first, or leave it out")
        near = nearest(name, PREDICATES)
        if near is None and version[:2] > _LAST:
            return -1, None
        cure = f"{near!r} is the nearest" if near else f"there are {', '.join(sorted(PREDICATES))}, and numbers"
        return -1, (at, f"there is no condition {shown(name)}", cure)
    _, end, wrong = arguments.read(text, at + len(name), takes)
    if wrong is None:
        return end, None
    start, _, effect, how = wrong
    return -1, (min(start, len(text) - 1), f"{name}: {effect}", how)
