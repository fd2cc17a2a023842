"""Patterns are matched as fnmatch(3) matches them: to Python, `[^a]` is no negation."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from halint import globs


@given(st.text("ab*?[]!^./\n", max_size=8), st.text("ab./\n*", max_size=10))
def test_patterns_match_what_fnmatch_matches(pattern: str, name: str) -> None:
    assert globs.matches(pattern, name) == fnmatchcase(name, pattern.replace("[^", "[!"))


@given(st.lists(st.text("ab/", max_size=2), min_size=1, max_size=4), st.data())
def test_a_pattern_of_parts_matches_what_holds_them_in_order(parts: list[str], data: st.DataObject) -> None:
    between = data.draw(st.lists(st.text("ab/*", max_size=2), min_size=len(parts) - 1, max_size=len(parts) - 1))
    name = parts[0] + "".join(gap + part for gap, part in zip(between, parts[1:], strict=True))
    assert globs.matches("*".join(parts), name)
