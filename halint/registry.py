"""Finds the rules and the grammars. Nothing imports them by name: they import halint."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from halint.rule import Rule

if TYPE_CHECKING:
    from halint.grammar import Grammar


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes."""
    found: dict[str, Rule] = {}
    home = _home("halint.rules")
    for group in sorted(os.listdir(home)):
        folder = os.path.join(home, group)
        if group.startswith(("_", ".")) or not os.path.isdir(folder):
            continue
        for stem in _modules(folder):
            rule = _rule(f"halint.rules.{group}.{stem}", stem, group)
            if rule.code in found:
                raise ValueError(f"{rule.code} is both {found[rule.code].name} and {rule.name}")
            found[rule.code] = rule
    return dict(sorted(found.items()))


@cache
def grammars() -> dict[str, Grammar]:
    """Every grammar by its name. Imports pyparsing: for scripts and tests, never on the check path."""
    found: dict[str, Grammar] = {}
    for stem in _modules(_home("halint.grammars")):
        grammar: Grammar = import_module(f"halint.grammars.{stem}").GRAMMAR
        found[grammar.name] = grammar
    return found


def page(rule: Rule) -> str:
    """The text of the rule's page."""
    path = os.path.join(_home("halint.rules"), rule.group, rule.name.replace("-", "_") + ".md")
    with open(path, encoding="utf-8") as file:
        return file.read()


def _rule(module: str, stem: str, group: str) -> Rule:
    """The one Rule class that `module` defines."""
    loaded = vars(import_module(module))
    for member in loaded.values():
        if isinstance(member, type) and issubclass(member, Rule) and member.__module__ == module:
            if "code" not in vars(member):
                continue
            member.name = stem.replace("_", "-")
            member.group = group
            return member()
    raise ValueError(f"{module} defines no rule")


def _home(package: str) -> str:
    return import_module(package).__path__[0]


def _modules(folder: str) -> list[str]:
    return sorted(f[:-3] for f in os.listdir(folder) if f.endswith(".py") and not f.startswith("_"))
