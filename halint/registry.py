"""Finds the rules and the grammars. Nothing imports them by name: they import halint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from halint.lazy import imported
from halint.light import cache
from halint.rule import Rule

if TYPE_CHECKING:
    from types import FunctionType

    from halint.grammar import Grammar


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes."""
    found: dict[str, Rule] = {}
    for group, stem, rule in _bundled() or _loose():
        rule.name, rule.group = stem.replace("_", "-"), group
        if rule.code in found:
            raise ValueError(f"{rule.code} is both {found[rule.code].name} and {rule.name}")
        found[rule.code] = rule
    return dict(sorted(found.items()))


@cache
def grammars() -> dict[str, Grammar]:
    """Every grammar by its name. Imports pyparsing: for scripts and tests, never on the check path."""
    found: dict[str, Grammar] = {}
    for stem in _modules(_home("halint.grammars")):
        grammar: Grammar = imported(f"halint.grammars.{stem}").GRAMMAR
        found[grammar.name] = grammar
    return found


def file_grammars() -> dict[str, Grammar]:
    """The grammars of whole files, each with its reader; the others are of values only."""
    return {name: grammar for name, grammar in grammars().items() if grammar.file is not None}


def page(rule: Rule) -> str:
    """The text of the rule's page."""
    path = os.path.join(_home("halint.rules"), rule.group, rule.name.replace("-", "_") + ".md")
    with open(path, encoding="utf-8") as file:
        return file.read()


def _bundled() -> list[tuple[str, str, Rule]]:
    """The rules of an installed wheel, which holds them as one module, too; none in a checkout."""
    try:
        bundle = imported("halint.bundled_rules")
    except ModuleNotFoundError:
        return []
    return [(group, stem, made(*parts())) for group, stem, parts in bundle.RULES]


def made(kind: type[Rule], attributes: dict[str, Any], methods: list[FunctionType]) -> Rule:
    """A rule of `kind` with `attributes` and `methods` of its own: a class of its own takes ten times as long."""
    rule = kind()
    rule.__dict__ |= attributes | {method.__name__: method.__get__(rule) for method in methods}
    return rule


def _loose() -> Iterator[tuple[str, str, Rule]]:
    """The rules, each in the module of its own: group, name of the module, rule."""
    home = _home("halint.rules")
    for group in sorted(os.listdir(home)):
        folder = os.path.join(home, group)
        if group.startswith(("_", ".")) or not os.path.isdir(folder):
            continue
        for stem in _modules(folder):
            module = f"halint.rules.{group}.{stem}"
            members = vars(imported(module)).values()
            kinds = [m for m in members if isinstance(m, type) and m.__module__ == module and "code" in vars(m)]
            if len(kinds) != 1 or not issubclass(kinds[0], Rule):
                raise ValueError(f"{module} defines {len(kinds)} rules")
            yield group, stem, kinds[0]()


def _home(package: str) -> str:
    folder: str = imported(package).__path__[0]
    return folder


def _modules(folder: str) -> list[str]:
    return sorted(f[:-3] for f in os.listdir(folder) if f.endswith(".py") and not f.startswith("_"))
