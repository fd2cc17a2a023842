"""halint and the real daemons on the same files, both ways; expected.toml says how far they must agree."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from comparison import Judged, count, misses
from corpus_of_others import needs_corpus
from panel import NAMES, healed, judged, mutated

pytestmark = pytest.mark.parity

EXPECTED = tomllib.loads(Path(__file__).with_name("expected.toml").read_text(encoding="utf-8"))
#: Mutations a run: an example costs haproxy 10 ms, keepalived 80.
MUTATIONS = {"haproxy": 1000, "keepalived": 500}


@pytest.mark.parametrize("name", NAMES)
def test_own_files(name: str) -> None:
    check(name, "own", part(name, "own"))


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("files", ["cases", "open", "set aside"])
def test_files_of_others(name: str, files: str) -> None:
    check(name, files, part(name, files))


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("files", ["healed", "healed, set aside"])
def test_files_without_their_bad_lines(name: str, files: str) -> None:
    check(name, files, [one for one in healed(name) if one.input.part == files])


@pytest.mark.parametrize("name", NAMES)
def test_mutations(name: str) -> None:
    check(name, "mutations", mutated(name, MUTATIONS[name.partition("-")[0]]))


def part(name: str, files: str) -> list[Judged]:
    found = [one for one in judged(name) if one.input.part == files]
    assert found
    return found


def check(name: str, files: str, judged: list[Judged] | tuple[Judged, ...]) -> None:
    expected = EXPECTED[name.partition("-")[0]][files]
    counts = count(judged)
    # Names of files that are set aside stay unsaid: they are an exam.
    told = [] if "aside" in files else [f"{how}: {one.input.name}" for how, one in misses(judged) if "false" in how]
    assert counts.accepted and counts.rejected
    assert counts.false_errors <= max(1, expected["false_errors"] * counts.accepted), (counts, told)
    assert counts.false_alarms <= expected["false_alarms"], (counts, told)
    assert counts.rejections_found >= expected["rejected"] * counts.rejected, counts
    assert counts.first_messages_found >= expected["first"] * counts.first_messages, counts
    assert counts.messages_found >= expected["messages"] * counts.messages, counts
