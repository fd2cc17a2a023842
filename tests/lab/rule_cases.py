"""The lab cases of rules: what the daemons do with the examples of a rule's page, as cases/CODE.toml says.

    [[case]]
    bad = "title of the Bad"     # without it, the first
    on_bad.initial = { "192.0.2.10" = ["lb1", "lb2"] }      # who holds the address once the cluster is steady
    prefer = "lb1"               # for `fix --unsafe --prefer`, which comes before the next
    on_fixed."service-down:lb1" = { "192.0.2.10" = ["lb2"] }

Where a rule has no fix, `good = "title of the Good"` and `on_good` stand in place of the last; where no Good heals this
very Bad, `mend = [["PATH", "old text", "new text"]]` and `on_mended`; "" for a new file. Events follow each
other in "node-down:lb1+service-down:lb2". Also:

    answer = 80                  # a client is sent to this port of the addresses; who does not answer is "lb1 in vain"
    watch = ["192.0.2.11"]       # addresses to look at that keepalived drops
    beside = { "lb1/etc/hostname" = "lb1" }     # files beside those of the page
    missing = ["/usr/bin/check"] # scripts that are on no node; what the page lacks is a stub otherwise

The address "no VRRP" stands for the nodes whose keepalived runs no instance.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from agreement import INITIAL, lay_out
from click.testing import CliRunner
from cluster import LiveCluster
from rule_pages import Example, examples

from halint import registry
from halint.cli import cli

FOLDER = Path(__file__).parent / "cases"

#: In place of an address: the nodes whose keepalived runs none of its instances.
NO_VRRP = "no VRRP"

#: By event, by address: who holds it.
Seen = dict[str, dict[str, list[str]]]


class Case(NamedTuple):
    """A cluster of a page, and what its daemons are expected to do. fixed: whether `halint fix` comes first."""

    code: str
    example: Example
    fixed: bool
    prefer: str
    mend: list[list[str]]
    answer: int
    watch: list[str]
    beside: dict[str, str]
    missing: list[str]
    expected: Seen

    @property
    def name(self) -> str:
        how = "fixed" if self.fixed else "mended" if self.mend else self.example.kind
        return f"{self.code} {how}: {self.example.title}"


def of_rule(code: str) -> list[Case]:
    """The cases of a rule, two of each table."""
    path = FOLDER / f"{code}.toml"
    data = tomllib.loads(path.read_text()) if path.exists() else {}
    return [case for table in data.get("case", []) for case in _cases(code, table)]


def _cases(code: str, table: dict[str, Any]) -> list[Case]:
    page = examples(code, registry.page(registry.rules()[code]))
    bad = _named(page, "Bad", table.get("bad"))
    good = _named(page, "Good", table["good"]) if "good" in table else None
    mend = table.get("mend", [])
    common = table.get("answer", 0), table.get("watch", []), table.get("beside", {}), table.get("missing", [])
    fixed = good is None and not mend
    return [
        Case(code, bad, False, "", [], *common, table["on_bad"]),
        Case(
            code,
            good or bad,
            fixed,
            table.get("prefer", ""),
            mend,
            *common,
            table["on_fixed" if fixed else "on_mended" if mend else "on_good"],
        ),
    ]


def _named(page: list[Example], kind: str, title: str | None) -> Example:
    found = [example for example in page if example.kind == kind and title in (None, example.title)]
    assert found, f"no {kind} is called {title!r}"
    return found[0]


def observe(case: Case) -> tuple[Seen, str]:
    """What is seen of each event that the case expects something of, and the logs of the last."""
    seen: Seen = {}
    told = ""
    with tempfile.TemporaryDirectory() as folder:
        case.example.lay_out(Path(folder))
        lay_out(case.beside, Path(folder))
        for path, old, new in case.mend:
            _mend(Path(folder) / path, old, new)
        if case.fixed:
            _fix(folder, case.prefer)
        for event in case.expected:
            with LiveCluster(Path(folder), case.missing, case.watch) as live:
                live.start()
                live.settle()
                for step in event.split("+") if event != INITIAL else ():
                    live.happen(step)
                    live.settle()
                seen[event] = {vip: _described(live, vip, case.answer) for vip in live.vips}
                if none := live.without_vrrp():
                    seen[event][NO_VRRP] = none
                told += f"--- {event}\n{live.told()}\n"
    return seen, told


def _mend(place: Path, old: str, new: str) -> None:
    text = place.read_text() if old else ""
    assert old in text, f"{place} has no {old!r}"
    place.write_text(text.replace(old, new) if old else new)


def _fix(folder: str, prefer: str) -> None:
    preferred = ["--prefer", prefer] if prefer else []
    before = os.getcwd()
    os.chdir(folder)
    try:
        CliRunner().invoke(cli, ["fix", "--unsafe", *preferred, "."], standalone_mode=False)
    finally:
        os.chdir(before)


def _described(live: LiveCluster, vip: str, port: int) -> list[str]:
    on = live.holders()[vip]
    if not port or live.answers(vip, port):
        return list(on)
    return [f"{name} in vain" for name in on]
