"""The grammars against what is compiled from them: the generated modules, and the readers built over these."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pyparsing as pp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint import compiler, registry
from halint.grammar import Branch, Grammar
from halint.source import Source
from halint.tree import Token, Tree

ROOT = Path(__file__).parents[1]
GRAMMARS = list(registry.grammars().values())
FILES = list(registry.file_grammars().values())

#: Characters that mean something in some format, so that random text is not all words.
MEANINGFUL = "abel0159 \t\r\n\"'\\{}[]()<>#!;$@~=:,./*&|-+^%\x00\x85\xa0é\udc80"


def flat(tree: list[Token | Branch]) -> Iterator[Token]:
    for child in tree:
        if isinstance(child, Branch):
            yield from flat(child.children)
        else:
            yield child


def read(grammar: Grammar, text: str) -> Tree:
    tree: Tree = import_module(f"halint.readers.{grammar.name}").read(Source("f", text, format=grammar.name))
    return tree


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda g: g.name)
def test_the_generated_module_is_up_to_date(grammar: Grammar) -> None:
    generated = ROOT / "halint" / "patterns" / f"{grammar.name}.py"
    assert generated.read_text(encoding="utf-8") == compiler.module(grammar), "run scripts/compile_grammars.py"


def test_every_pattern_module_has_a_grammar() -> None:
    generated = {path.stem for path in (ROOT / "halint" / "patterns").glob("*.py")} - {"__init__"}
    tables = {stem for stem in generated if stem.endswith("_table")}  # tests/test_tables.py
    assert generated - tables == {grammar.name for grammar in GRAMMARS}


@pytest.mark.parametrize("grammar", FILES, ids=lambda g: g.name)
@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from(MEANINGFUL), max_size=60) | st.text(max_size=40))
def test_any_text_is_read_losslessly(grammar: Grammar, text: str) -> None:
    tree = read(grammar, text)
    at = 0
    for token in tree.tokens():
        assert token.start == at < token.end
        at = token.end
    assert at == len(text)
    for statement in tree.walk():
        for word in statement.words:
            assert 0 <= word.start <= word.end <= len(text)
    for problem in tree.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message


@pytest.mark.parametrize("grammar", FILES, ids=lambda g: g.name)
@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from(MEANINGFUL), max_size=40))
def test_the_reader_agrees_with_the_grammar(grammar: Grammar, text: str) -> None:
    try:
        parsed = grammar.parse(text)
    except pp.ParseBaseException:
        return
    tree = read(grammar, text)
    assert [*flat(parsed)] == [*tree.tokens()]
