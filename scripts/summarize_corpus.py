"""What halint says of the public clusters, a line per cluster and code; checked in, so that a change shows.

Usage: python scripts/summarize_corpus.py CORPUS > tests/corpus_summary.txt
CORPUS holds clusters/NAME/node1, node2...; the configurations themselves are not part of this project.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from halint import cluster, linter, settings
from halint.discovery import nodes as discovery


def folders(corpus: Path) -> list[Path]:
    """The folders of the clusters: those that hold a node1."""
    return sorted(path.parent for path in (corpus / "clusters").rglob("node1"))


def summary(folder: Path) -> list[str]:
    """One line per code: severity and how often, and what was skipped for want of facts."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        found = settings.load(None, ".")
        report = linter.check(cluster.group(discovery.find(["."], found).nodes, found))
    finally:
        os.chdir(before)
    counts = Counter((finding.code, finding.severity.label) for finding in report.findings)
    lines = [f"  {code} {severity} x{count}" for (code, severity), count in sorted(counts.items())]
    skipped = sorted({skipped.code for skipped in report.skipped})
    return [*lines, *([f"  skipped {' '.join(skipped)}"] if skipped else [])]


def text(corpus: Path) -> str:
    lines = []
    for folder in folders(corpus):
        lines += [folder.relative_to(corpus / "clusters").as_posix(), *summary(folder)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(Path(sys.argv[1])))
