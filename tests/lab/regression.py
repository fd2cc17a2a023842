"""Drawn clusters that are kept, each with what was seen of it: regression/NAME.toml."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agreement import Observation
from draw import Drawn

FOLDER = Path(__file__).parent / "regression"


class Kept(NamedTuple):
    name: str
    files: dict[str, str]
    seen: list[Observation]

    @property
    def drawn(self) -> Drawn:
        return Drawn(self.files, [one.event for one in self.seen], [one.first for one in self.seen])


def kept() -> Iterator[Kept]:
    for path in sorted(FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text())
        seen = [
            Observation(
                run["event"],
                run.get("first", ""),
                {step: {vip: tuple(on) for vip, on in holders.items()} for step, holders in run["seen"].items()},
                "",
            )
            for run in data["runs"]
        ]
        yield Kept(path.stem, data["files"], seen)


def keep(name: str, files: dict[str, str], seen: list[Observation]) -> None:
    lines = []
    for one in seen:
        lines += ["[[runs]]", f"event = {json.dumps(one.event)}"]
        lines += [f"first = {json.dumps(one.first)}"] if one.first else []
        for step, holders in one.holders.items():
            pairs = ", ".join(f"{json.dumps(vip)} = {json.dumps(list(on))}" for vip, on in holders.items())
            lines.append(f"seen.{json.dumps(step)} = {{ {pairs} }}")
        lines.append("")
    lines.append("[files]")
    lines += [f"{json.dumps(path)} = '''\n{text}'''" for path, text in files.items()]
    (FOLDER / f"{name}.toml").write_text("\n".join(lines) + "\n")
