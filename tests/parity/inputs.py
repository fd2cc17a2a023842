"""The files that are judged: small cases with recorded verdicts, and public configurations."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from corpus_of_others import CORPUS, SHARED

REFERENCE = SHARED / "reference"


class Input(NamedTuple):
    """A file to judge. kind: "haproxy" or "keepalived". part: "cases", "open" or "set aside" (an exam: whoever
    writes rules does not read these). beside: files by their path relative to it."""

    name: str
    kind: str
    part: str
    data: bytes
    beside: dict[str, bytes]


def inputs(kind: str) -> Iterator[Input]:
    """Every file for the daemon `kind`."""
    yield from cases(kind)
    yield from corpus(kind)


def cases(kind: str) -> Iterator[Input]:
    folder, pattern = ("ha-cases", "*.cfg") if kind == "haproxy" else ("ka-cases", "*.conf")
    for path in sorted((REFERENCE / folder).glob(pattern)):
        beside = {str(other.relative_to(path.parent)): other.read_bytes() for other in path.parent.glob("*/*.conf")}
        yield Input(path.stem, kind, "cases", path.read_bytes(), beside)


def corpus(kind: str) -> Iterator[Input]:
    for entry in index():
        if entry["kind"] == kind:
            aside = hashlib.sha256(entry["path"].encode()).hexdigest()[0] in "01234"
            yield Input(
                entry["file"], kind, "set aside" if aside else "open", (CORPUS / entry["file"]).read_bytes(), {}
            )


def index() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    return [json.loads(line) for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def recorded(kind: str) -> dict[str, tuple[int, list[str]]]:
    """Status and messages by case, as haproxy 2.6.12 and keepalived 2.2.7 gave them."""
    if kind == "haproxy":
        return _records((REFERENCE / "ha-cases-2.6.12.txt").read_text(encoding="utf-8"))
    extra = (REFERENCE / "ka-cases-extra.txt").read_text(encoding="utf-8")
    own = next(part for part in extra.split("##### ") if part.startswith("keepalived-2.2.7"))
    return _records((REFERENCE / "ka-cases-2.2.7.txt").read_text(encoding="utf-8")) | _records(own)


def _records(text: str) -> dict[str, tuple[int, list[str]]]:
    found: dict[str, tuple[int, list[str]]] = {}
    for line in text.split("\n"):
        if head := re.match(r"== (\S+) rc=(-?[0-9]+)", line):
            messages: list[str] = []
            found[head[1]] = int(head[2]), messages
        elif found and line:
            messages.append(line)
    return found
