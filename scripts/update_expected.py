"""Writes corpus/*/expected.txt anew: what `halint check --output concise` prints in each cluster's folder.

Read the difference before it is committed: every line must be true of that cluster on real daemons.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "corpus"


def clusters() -> list[Path]:
    return sorted(path for path in CORPUS.iterdir() if path.is_dir())


def findings(cluster: Path) -> str:
    """What halint prints for `cluster`; raises CalledProcessError where it does not end as a check does."""
    command = [sys.executable, "-P", "-c", "from halint.cli import main; main()", "check", "--output", "concise"]
    run = subprocess.run(command, cwd=cluster, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1) or run.stderr:
        raise subprocess.CalledProcessError(run.returncode, command, run.stdout, run.stderr)
    return run.stdout


if __name__ == "__main__":
    for cluster in clusters():
        (cluster / "expected.txt").write_text(findings(cluster), encoding="utf-8")
