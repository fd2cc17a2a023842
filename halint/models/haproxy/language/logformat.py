"""Log formats: text with `%tag`, `%{flags}tag` and `%[expression]` (parse_logformat_string in src/log.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import lru_cache
from halint.models.haproxy.language import places, samples
from halint.models.haproxy.language.fault import part
from halint.patterns import haproxy_expressions as patterns
from halint.patterns.haproxy_samples_table import TAGS
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.versions import known

if TYPE_CHECKING:
    from halint.models.haproxy.language.arguments import Problem
    from halint.models.haproxy.language.samples import Expression
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version

#: Lines whose formats haproxy reads for each frontend when all files are loaded, in the frontend's own mode.
_OF_FRONTENDS = frozenset({"log-format", "log-format-sd", "error-log-format", "unique-id-format"})

#: Lines in whose formats haproxy looks for fetches of bytes as they come in.
_OF_MESSAGES = frozenset({"http-request", "http-response", "http-after-response"})

#: An item of a format: where it begins and ends, and its tag, or its expression.
Item = tuple[int, int, str, "Expression | None"]


def log_format(word: Word, scope: Scope) -> None:
    """Complain into `scope` of the format `word`."""
    if "%" not in word.text or isinstance(word, VariableWord):
        return
    keyword = scope.statement.keyword
    if scope.section == "backend" and keyword in _OF_FRONTENDS:
        return  # haproxy ignores it there
    items, problem = read(word.text, scope.version)
    if problem is None and items:
        place = places.of(_line(scope), scope.section)
        problem = _misplaced(items, scope, place)
    if problem is not None:
        start, end, effect, cure = problem
        if "authorization" in scope.statement.source.text[scope.statement.start : scope.statement.end].lower():
            effect, cure = "this value is no log format", "write `%%` for a percent sign, and correct expressions"
        scope.complain("invalid-log-format", part(word, start, end), effect, cure)
    elif scope.mode == "http" and keyword in _OF_MESSAGES and not _keeps(scope):
        for start, end, _, expression in items:
            if expression is not None and not expression.place & places.IN_HTTP:
                effect = f"{expression.fetch!r} looks at bytes as they come in, and is ignored in mode http"
                at = part(word, start, end + 1)
                scope.complain("invalid-log-format", at, effect, "look at the message instead", fatal=False)


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
        expression = samples.parse(text, item.end(), version, enclosed=True)
        if not expression.certain:
            return items, None
        if expression.problem is not None:
            return items, expression.problem
        items.append((at, expression.end, "", expression))
        at = expression.end
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
    from halint.models.haproxy.language import tag_words

    return at, at + len(tag), *tag_words.unknown(tag, entry, version)


def _misplaced(items: list[Item], scope: Scope, place: int) -> Problem | None:
    for start, end, tag, expression in items:
        if expression is not None and place and not expression.place & place:
            return start, end + 1, *samples.misplaced(expression, place)
        if tag and TAGS[tag][1] and scope.mode not in {None, "http"} and _in_mode(scope):
            return start, end, f"'%{tag}' is for proxies in mode http", "use another tag, or set `mode http`"
    return None


def _line(scope: Scope) -> str:
    second = scope.statement.argument()
    return scope.statement.keyword if second is None else f"{scope.statement.keyword} {second.text}"


def _keeps(scope: Scope) -> bool:
    """Whether the line keeps its format in a variable, where haproxy does not warn of what mode http ignores."""
    action = scope.statement.argument()
    return action is not None and action.text.startswith("set-var-fmt")


def _in_mode(scope: Scope) -> bool:
    """Whether the mode of the section is the one that the line's format is read in."""
    if scope.statement.keyword == "log-format-sd":
        return False  # 2.6 does not ask for the mode there, 2.8 does
    return scope.section in {"frontend", "listen"} or (
        scope.section == "backend" and scope.statement.keyword not in _OF_FRONTENDS
    )
