"""docs/measurements.md names, for all that it says of the programs, the tests that show it: they are there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "measurements.md"
_HEAD = ["what it does", "version", "test"]


def rows() -> list[list[str]]:
    lines = [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip("| ") for cell in line] for line in lines]
    return [row for row in cells if row != _HEAD]


@cache
def functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_a_measurement_names_its_version_and_tests_that_are_there(row: list[str]) -> None:
    said, version, tests = row
    assert said
    assert any(character.isdigit() for character in version)
    for test in tests.split("<br>"):
        path, _, function = test.partition("::")
        assert function.startswith("test_")
        assert function in functions(ROOT / path), test


def test_nothing_is_said_twice() -> None:
    said = [row[0] for row in rows()]
    assert len(set(said)) == len(said) > 20
