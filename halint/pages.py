"""What the page and the docstring of a rule say of it."""

from __future__ import annotations

from halint import registry
from halint.readers.lexer import compiled
from halint.rule import Rule


def summary(rule: Rule) -> str:
    """The rule in one sentence: the first paragraph of its docstring."""
    paragraph = (rule.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


def fix(rule: Rule) -> str:
    """The kind of its fix, by the examples of its page: safe, unsafe, display or none."""
    options = compiled(r"(?m)^```diff fix(.*)$").findall(registry.page(rule))
    if not options:
        return "none"
    if any("--unsafe" not in option for option in options):
        return "safe"
    return "unsafe" if any("--prefer" not in option for option in options) else "display"
