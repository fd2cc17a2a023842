"""The keyword tables against what they are built from."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from halint import versions
from halint.models.keepalived.language import signature
from halint.models.keepalived.language.keywords import homes, keywords
from halint.patterns.keepalived_table import BLOCKS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import build_tables  # noqa: E402
import keepalived_table  # noqa: E402


@pytest.mark.parametrize("name", build_tables.BUILDERS)
def test_the_tables_are_up_to_date(name: str) -> None:
    for path, text in build_tables.build(name).items():
        assert path.read_text(encoding="utf-8") == text, f"run scripts/build_tables.py {name}"


def test_every_table_is_built() -> None:
    built = {path for name in build_tables.BUILDERS for path in build_tables.build(name)}
    tables = {*(ROOT / "grammars").glob("*.toml"), *(ROOT / "halint" / "patterns").glob("*_table.py")}
    assert built == tables


def test_every_keyword_of_every_version_is_there() -> None:
    rows = [line.split("\t") for line in (ROOT / "scripts/facts/keepalived/keywords.tsv").read_text().splitlines()]
    versions_, *rest = (row for row in rows if not row[0].startswith("#"))
    assert sum(len(table) for table in BLOCKS.values()) == len(rest) == 528
    for path, _form, _feature, *marks in rest:
        block, _, name = path.rpartition("/")
        for text, mark in zip(versions_[3:], marks, strict=True):
            known = versions.known(keywords(block)[name].lifetime, versions.parse(text))
            assert known is (mark == "x"), f"{path} in {text}"


def table() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((ROOT / "grammars" / "keepalived.toml").read_text(encoding="utf-8"))


def test_a_default_is_one_that_the_keyword_takes() -> None:
    from halint.models.keepalived.language.arguments import explain

    for block, rows in table().items():
        for name, entry in rows.items():
            default = entry.get("default", "")
            if "NUMBER" in entry.get("arguments", "") and default.isdigit():
                assert explain(entry["arguments"], (default,)) is None, f"{block}/{name}"


def test_what_replaces_a_keyword_is_known() -> None:
    for block, rows in table().items():
        for name, entry in rows.items():
            better = entry.get("deprecated", "")
            if better and " " not in better:
                assert better in rows or homes(better), f"{block}/{name}"


@pytest.mark.parametrize("text", ["NUMBER(1..", "[BOOL", "A|B)", "{x", "NUMBER(1..2", "a$b"])
def test_a_signature_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"what is|stray|expected"):
        signature.parse(text)


def test_a_correction_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        keepalived_table.correct({"": {}}, "", "no_such_keyword", {})
    with pytest.raises(ValueError, match="no block within"):
        keepalived_table.correct({"": {}}, "virtual_server/*", "retry", {})
    with pytest.raises(ValueError, match="priority"):
        keepalived_table.check("priority", "NUMBER(")
