"""`halint check` of one pair, all rules, against `python -c pass`.  Usage: python benchmarks/pair.py [FOLDER...]

Budget: at most 6 times, aim 4 times. The two commands alternate, so that whatever else the machine does
falls on both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEFAULT = [ROOT / "corpus" / name for name in ("healthy-debian12", "article-el8")]


def install(folder: Path) -> Path:
    """A virtual environment with the wheel of this checkout; returns its bin folder."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, env=env)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--compile", str(ROOT)], check=True, env=env)
    return folder / "bin"


def milliseconds(command: list[str | Path]) -> float:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, check=False)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=DEFAULT)
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bin_ = install(Path(folder))
        print(f"{'':28} {'min ms':>8} {'median ms':>10} {'ratio of minima':>16} {'of medians':>11}")
        for pair in options.folders:
            base: list[str | Path] = [bin_ / "python", "-c", "pass"]
            check: list[str | Path] = [bin_ / "halint", "check", pair]
            times: list[tuple[float, float]] = []
            for _ in range(options.runs + 2):
                times.append((milliseconds(base), milliseconds(check)))
            ours, theirs = [t[1] for t in times[2:]], [t[0] for t in times[2:]]
            print(f"{'python -c pass':28} {min(theirs):8.1f} {statistics.median(theirs):10.1f}")
            print(
                f"{'halint check ' + pair.name:28} {min(ours):8.1f} {statistics.median(ours):10.1f}"
                f" {min(ours) / min(theirs):16.2f} {statistics.median(ours) / statistics.median(theirs):11.2f}"
            )


if __name__ == "__main__":
    main()
