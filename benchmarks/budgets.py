"""Measure halint against its budgets.  Usage: python benchmarks/budgets.py [WHAT...]

Builds the wheel, installs it into a clean virtual environment and runs it in turns with what it is compared to:
`python -c pass`, `haproxy -c` and, as root in a network namespace, `keepalived -t`. Prints a table in Markdown.
WHAT: pair, companions, haproxy, keepalived, firewall, growth; by default all.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import growth
import large
from running import ROOT, Command, install, interleaved, lay_out, run

LINES = 100_000
PAIRS = ("healthy-debian12", "article-el8")
GROWTH = (
    "lines of haproxy", "lines of keepalived", "clusters", "nodes of one cluster", "nodes that share nothing",
    *(
        f"{form}: {what}"
        for form in ("haproxy", "keepalived")
        for what in ('lines with "', "lines with '", "lines with {", "one line of \\", "a long word", "many words",
                     "lines with ${", "lines with .if")
    ),
)  # fmt: skip

#: What must be reached and what is aimed at, as ratios.
PAIR, HAPROXY, KEEPALIVED, MEMORY, GROWING = (6, 4), (2.5, 1.5), (4, 2.5), (0.6, 0.4), (2.2, 2.05)
FIREWALL = (25, 20)
#: What the files beside keepalived.conf and haproxy.cfg may cost, as a share of the whole.
COMPANIONS = (0.3, 0.2)


class Row:
    """One line of the table. ratios: of the minima, the medians and of processor time, as far as measured; the last
    is judged: on a busy machine a long run never has the processor to itself, and a short one has."""

    def __init__(self, what: str, theirs: str, ours: str, ratios: list[float], budget: tuple[float, float]) -> None:
        self.what = what
        self.theirs = theirs
        self.ours = ours
        self.ratios = ratios
        self.must, self.aim = budget

    def __str__(self) -> str:
        judged = self.ratios[-1]
        reached = "aim" if judged <= self.aim else "must" if judged <= self.must else "**missed**"
        shown = [f"{ratio:.2f}" for ratio in self.ratios] + [""] * (3 - len(self.ratios))
        return (
            f"| {' | '.join([self.what, self.theirs, self.ours, *shown, f'{self.must:g}', f'{self.aim:g}', reached])} |"
        )


HEAD = """\
| what | theirs | halint | ratio | of medians | of CPU time | must | aim | reached |
|---|---|---|---|---|---|---|---|---|"""


def pair(bin_: Path, runs: int) -> Iterator[Row]:
    for name in PAIRS:
        check: Command = [bin_ / "halint", "check", ROOT / "corpus" / name]
        yield compared(f"one pair ({name}), `python -c pass`", [bin_ / "python", "-c", "pass"], check, runs, PAIR)[0]


def companions(bin_: Path, runs: int, folder: Path) -> Iterator[Row]:
    """A pair with all its files against the same with those of keepalived and haproxy alone: the share of the rest."""
    for name in PAIRS:
        whole = ROOT / "corpus" / name
        for node in whole.glob("*/etc"):
            for program in ("keepalived", "haproxy"):
                shutil.copytree(node / program, folder / name / node.parent.name / "etc" / program)
        commands: list[Command] = [[bin_ / "halint", "check", path] for path in (folder / name, whole)]
        bare, full = interleaved(commands, runs)
        shares = [1 - bare.fastest / full.fastest, 1 - bare.median / full.median, 1 - bare.cpu / full.cpu]
        times = f"{bare.fastest:.0f} ms", f"{full.fastest:.0f} ms"
        yield Row(f"share of the other files of a pair ({name})", *times, shares, COMPANIONS)


def haproxy(bin_: Path, runs: int, folder: Path) -> Iterator[Row]:
    file = folder / "haproxy.cfg"
    file.write_text(large.text("haproxy", LINES))
    rows = compared(f"{LINES:,} lines, `haproxy -c`", ["haproxy", "-c", "-q", "-f", file],
                    [bin_ / "halint", "check", file], runs, HAPROXY)  # fmt: skip
    yield from rows


def keepalived(bin_: Path, runs: int, folder: Path) -> Iterator[Row]:
    file = folder / "keepalived.conf"
    file.write_text(large.text("keepalived", LINES))
    with namespace() as inside:
        yield compared(f"{LINES:,} lines, `keepalived -t`", [*inside, "keepalived", "-t", "-f", file],
                       [*inside, bin_ / "halint", "check", file], runs, KEEPALIVED)[0]  # fmt: skip


def firewall(bin_: Path, runs: int, folder: Path) -> Iterator[Row]:
    """A pair one node of which has a long rule set: every packet that halint asks about is answered."""
    texts = {
        "20,000 rules of nft": growth.LINES["nftables"](20_000),
        "50,000 elements of a set of nft": growth.REPEATED["elements of a set"][1](50_000),
    }
    for number, (what, text) in enumerate(texts.items()):
        home = folder / str(number)
        lay_out(growth.with_file("nftables", text), home)
        row = compared(f"{what}, `python -c pass`", [bin_ / "python", "-c", "pass"], [bin_ / "halint", "check", home],
                       runs, FIREWALL)[0]  # fmt: skip
        yield row


def compared(what: str, theirs: Command, ours: Command, runs: int, budget: tuple[float, float]) -> list[Row]:
    """The rows for time and for memory."""
    if run(theirs).status:
        raise SystemExit(f"{' '.join(map(str, theirs))} failed")
    they, we = interleaved([theirs, ours], runs)
    ratios = [we.fastest / they.fastest, we.median / they.median, we.cpu / they.cpu]
    return [
        Row(what, f"{they.fastest:.0f} ms", f"{we.fastest:.0f} ms", ratios, budget),
        Row("its peak memory", f"{they.peak:.0f} MB", f"{we.peak:.0f} MB", [we.peak / they.peak], MEMORY),
    ]


@contextmanager
def namespace() -> Iterator[list[str]]:
    """The beginning of a command that runs where keepalived finds its interface. Needs root."""
    name = f"benchmark{os.getpid()}"

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    ip("netns", "add", name)
    try:
        inside = ["netns", "exec", name]
        ip(*inside, "ip", "link", "add", large.INTERFACE, "type", "bridge")
        ip(*inside, "ip", "address", "add", large.ADDRESS, "dev", large.INTERFACE)
        ip(*inside, "ip", "link", "set", large.INTERFACE, "up")
        yield ["ip", *inside]
    finally:
        ip("netns", "delete", name)


def growing(bin_: Path, runs: int) -> Iterator[Row]:
    for name, make, n in growth.cases(20_000):
        if name in GROWTH:
            one, two = growth.measured(make, n, runs, 60, bin_ / "python")
            ratio = two / one if one and two else float("inf")
            shown = [f"{t * 1000:.0f} ms" if t else "> 60 s" for t in (one, two)]
            yield Row(f"growth, {name}, {n:,} to {2 * n:,}", shown[0], shown[1], [ratio], GROWING)


def machine() -> str:
    """The machine in a sentence, without its name."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().split("\n")
                  if line.startswith("model name")), platform.machine())  # fmt: skip
    programs = [f"Python {platform.python_version()}"]
    for program, option in (("haproxy", "-v"), ("keepalived", "--version")):
        if shutil.which(program):
            said = subprocess.run([program, option], capture_output=True, text=True, check=False)
            programs.append(" ".join((said.stdout + said.stderr).split()[:3]))
    return f"{model}, {os.cpu_count()} cores, {platform.system()}; {', '.join(programs)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "what", nargs="*", metavar="WHAT", default=["pair", "companions", "haproxy", "keepalived", "firewall", "growth"]
    )
    parser.add_argument("--runs", type=int, default=40, help="turns for a pair; the large files take half of them")
    options = parser.parse_args()
    print(machine(), "", HEAD, sep="\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bin_ = install(folder / "venv")
        half, tenth = max(options.runs // 2, 1), max(options.runs // 10, 1)
        rows = {
            "pair": pair(bin_, options.runs),
            "companions": companions(bin_, options.runs, folder / "companions"),
            "haproxy": haproxy(bin_, half, folder),
            "keepalived": keepalived(bin_, half, folder),
            "firewall": firewall(bin_, half, folder / "firewall"),
            "growth": growing(bin_, tenth),
        }
        for what in options.what:
            for row in rows[what]:
                print(row)
                sys.stdout.flush()


if __name__ == "__main__":
    main()
