"""Lays clusters out on disk and fixes them, as `halint fix` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from halint import fixer
from halint.fixes import atomic
from halint.run import Run


def lay_out(folder: Path, files: Mapping[str, str], links: Mapping[str, str] | None = None) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for name, target in (links or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def planned(
    folder: Path, *select: str, unsafe: bool = False, prefer: str | None = None, target: tuple[str, ...] = ()
) -> fixer.Fixed:
    """What `fix` would do to the clusters in `folder`."""
    run = Run({"paths": (str(folder),), "select": select, "target": target})
    return fixer.fix(
        run.discovery.nodes, run.group, run.selection, unsafe=unsafe, prefer=prefer, roots=[str(folder)]
    )  # fmt: skip


def fix(
    folder: Path, *select: str, unsafe: bool = False, prefer: str | None = None, target: tuple[str, ...] = ()
) -> fixer.Fixed:
    """What `fix` did to them."""
    done = planned(folder, *select, unsafe=unsafe, prefer=prefer, target=target)
    texts = [
        atomic.NewText(change.after.file or "", change.before.data if change.before else None, change.after.data)
        for change in done.changes
    ]
    atomic.write(texts, [str(folder)])
    return done
