"""What the benchmarks share: an installed halint, and programs run one after the other and measured."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Without this variable, which some machines set: bytecode is cached, as it is everywhere else.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

Command = Sequence[str | Path]


class Usage:
    """What one run of a program took: wall and processor time in milliseconds, peak of resident memory in MB."""

    __slots__ = ("cpu", "peak", "status", "wall")

    def __init__(self, wall: float, cpu: float, peak: float, status: int) -> None:
        self.wall = wall
        self.cpu = cpu
        self.peak = peak
        self.status = status


class Runs:
    """The usages of one program."""

    def __init__(self) -> None:
        self.usages: list[Usage] = []

    @property
    def fastest(self) -> float:
        return min(usage.wall for usage in self.usages)

    @property
    def median(self) -> float:
        return statistics.median(usage.wall for usage in self.usages)

    @property
    def cpu(self) -> float:
        return min(usage.cpu for usage in self.usages)

    @property
    def peak(self) -> float:
        return max(usage.peak for usage in self.usages)


def install(folder: Path) -> Path:
    """A virtual environment with the wheel of this checkout, bytecode compiled; returns its bin folder."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, env=ENVIRONMENT)
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--compile", ROOT], check=True, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    return folder / "bin"


def run(command: Command) -> Usage:
    """Run `command`, whatever it says."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    return Usage(wall * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024, child.returncode)


def interleaved(commands: Sequence[Command], runs: int) -> list[Runs]:
    """Run `commands` in turns, so that whatever else the machine does falls on all of them. The first turn warms up."""
    found = [Runs() for _ in commands]
    for turn in range(runs + 1):
        for one, command in zip(found, commands, strict=True):
            usage = run(command)
            if turn:
                one.usages.append(usage)
    return found


def lay_out(files: dict[str, str], folder: str | Path) -> None:
    """Write `files`, texts by relative path, below `folder`."""
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
