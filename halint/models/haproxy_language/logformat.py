"""Log formats: text with `%tag`, `%{flags}tag` and `%[expression]` (parse_logformat_string in src/log.c)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from halint.lexer import compiled
from halint.models.haproxy_language import places, samples
from halint.patterns import haproxy_expressions as patterns
from halint.patterns.haproxy_samples_table import TAGS
from halint.readers.haproxy import VariableWord
from halint.versions import known

if TYPE_CHECKING:
    from halint.models.haproxy_language.arguments import Problem
    from halint.models.haproxy_language.samples import Expression
    from halint.models.haproxy_language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version

#: An item of a format: where it begins and ends, and its tag, or its expression.
Item = tuple[int, int, str, "Expression | None"]


def log_format(word: Word, scope: Scope, place: int | None = None) -> None:
    """Complain into `scope` of the format `word`, which is evaluated at `place` (places.py); None takes the line's."""
    if "%" not in word.text or isinstance(word, VariableWord):
        return
    items, problem = read(word.text, scope.version)
    if problem is None and items:
        if place is None:
            place = places.of_expression(scope.statement, scope.section)
        problem = _misplaced(items, scope, place)
    if problem is not None:
        start, end, effect, cure = problem
        scope.complain("invalid-log-format", samples.part(word, start, end), effect, cure)


@lru_cache(2048)
def read(text: str, version: Version | None) -> tuple[list[Item], Problem | None]:
    """The items of a format up to the first problem, and that: where, what, and what to do."""
    items: list[Item] = []
    at = 0
    while at < len(text):
        plain = compiled(patterns.TEXT).match(text, at)
        if plain is not None:
            at = plain.end()
            continue
        item = compiled(patterns.ITEM).match(text, at)
        if item is None:
            return items, _broken(text, at)
        if item["expression"] is None:
            problem = _tag_problem(item["tag"], item.start("tag"), version)
            if problem is not None:
                return items, problem
            items.append((at, item.end(), item["tag"], None))
            at = item.end()
            continue
        start = item.end()
        expression = samples.read(text[start:], version, True)
        if not expression.certain:
            return items, None
        if expression.problem is not None:
            begin, end, effect, cure = expression.problem
            return items, (start + begin, min(start + end, len(text)), effect, cure)
        items.append((at, start + expression.end, "", expression))
        at = start + expression.end
        if not text.startswith("]", at):
            found = f"before {text[at]!r}" if at < len(text) else "at the end"
            return items, (at, at + 1, f"']' is missing {found}", "close the expression")
        at += 1
    return items, None


def _broken(text: str, at: int) -> Problem:
    """Why the `%` at `at` begins no item."""
    behind = text[at + 1 : at + 2]
    end = min(len(text), at + 2)
    if behind == "{" and "}" in text[at:]:
        end = text.index("}", at) + 1
        return at, end, "no tag and no '[' follows these flags", "add one"
    if behind == "{":
        return at, len(text), "nothing closes '{'", "add '}'"
    if behind == "(":
        return (
            at,
            end,
            "the name of this item is not closed, or has other characters than letters, digits, '_' and '-'",
            "correct it",
        )
    return at, end, "a single '%' stands before what is no tag", "write `%%` for a percent sign"


def _tag_problem(tag: str, at: int, version: Version | None) -> Problem | None:
    entry = TAGS.get(tag)
    if entry is not None and known(entry[0], version) is not False:
        return None
    from halint.models.haproxy_language import tag_words

    return at, at + len(tag), *tag_words.unknown(tag, entry, version)


def _misplaced(items: list[Item], scope: Scope, place: int) -> Problem | None:
    for start, end, tag, expression in items:
        if expression is not None and not expression.place & place:
            effect = f"{expression.fetch!r} cannot be used in {places.name(place)}: its data is not there"
            return start, end + 1, effect, "use what is available there, or keep the value in a variable"
        if tag and scope.mode not in {None, "http"} and TAGS[tag][1]:
            return start, end, f"'%{tag}' is for proxies in mode http", "use another tag, or set `mode http`"
    return None
