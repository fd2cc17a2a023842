"""Holds a compiled value pattern against the pyparsing expression that it comes from."""

from __future__ import annotations

import copy
import re
from functools import cache

import pyparsing as pp

from halint.compiler import value
from halint.tree import Token

#: What a reading says: how far it goes, and where each named part stands.
Reading = tuple[int, dict[str, tuple[int, int]]]


def by_pyparsing(expr: pp.ParserElement, text: str) -> Reading | None:
    """How pyparsing reads the start of `text`; None where it does not allow it."""
    end = pp.Empty().leave_whitespace().add_parse_action(lambda _text, at, _found: [at])
    try:
        found = (_located(expr) + end).leave_whitespace(recursive=False).parse_with_tabs().parse_string(text)
    except pp.ParseBaseException:
        return None
    return found[-1], {name: (part.start, part.end) for name, part in found.as_dict().items()}


def by_pattern(expr: pp.ParserElement, text: str) -> Reading | None:
    """How the compiled pattern reads the start of `text`; None where it does not match."""
    found = _compiled(expr).match(text)
    if found is None:
        return None
    return found.end(), {name: found.span(name) for name in found.groupdict() if found[name] is not None}


@cache
def _compiled(expr: pp.ParserElement) -> re.Pattern[str]:
    return re.compile(value(expr))


@cache
def _located(expr: pp.ParserElement) -> pp.ParserElement:
    """`expr`, every named part of it as the Token of its span; such a part is one token of pyparsing's."""
    absent = pp.Opt(pp.Empty()).defaultValue  # pyparsing asks for its identity
    located = copy.deepcopy(expr, {id(absent): absent})
    todo, seen = [located], set()
    while todo:
        inner = todo.pop()
        if id(inner) in seen:
            continue
        seen.add(id(inner))
        todo += inner.recurse()
        if inner.resultsName:
            inner.add_parse_action(_span(inner.resultsName))
    return located


def _span(name: str) -> pp.ParseAction:
    def build(_text: str, start: int, found: pp.ParseResults) -> Token:
        (part,) = found
        return part if isinstance(part, Token) else Token(name, start, start + len(part))

    return build
