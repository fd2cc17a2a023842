"""The files that are judged: small cases with recorded verdicts, and public configurations."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from corpus_of_others import CORPUS, SHARED
from rule_pages import examples

from halint import registry

REFERENCE = SHARED / "reference"
_OWN_CORPUS = Path(__file__).parents[2] / "corpus"
_MAINS = {"haproxy": "haproxy.cfg", "keepalived": "keepalived.conf"}


class Input(NamedTuple):
    """A file to judge. kind: "haproxy" or "keepalived". beside: files by their path relative to it.

    part: "own" (this project's pages and clusters), "cases", "open" or, of the public files too, "set aside": an
    exam, which nobody who writes rules reads.
    """

    name: str
    kind: str
    part: str
    data: bytes
    beside: dict[str, bytes]

    def __repr__(self) -> str:
        return f"<{self.part}: {self.name}>"


def inputs(kind: str) -> Iterator[Input]:
    """Every file for the daemon `kind`."""
    yield from own(kind)
    yield from cases(kind)
    yield from corpus(kind)


def own(kind: str) -> Iterator[Input]:
    """The files of the rules' pages and of corpus/, each text once."""
    seen: set[bytes] = set()
    for name, data in _own(_MAINS[kind]):
        if data not in seen:
            seen.add(data)
            yield Input(name, kind, "own", data, {})


def _own(name: str) -> Iterator[tuple[str, bytes]]:
    for rule in registry.rules().values():
        for number, example in enumerate(examples(rule.code, registry.page(rule)), 1):
            for path, text in example.files.items():
                if path.rpartition("/")[2] == name and ".d/" not in path:
                    yield f"{rule.name}, {example.kind} {number}: {path}", text.encode()
    for file in sorted(_OWN_CORPUS.rglob(name)):
        yield str(file.relative_to(_OWN_CORPUS)), file.read_bytes()


def cases(kind: str) -> Iterator[Input]:
    folder, pattern = ("ha-cases", "*.cfg") if kind == "haproxy" else ("ka-cases", "*.conf")
    for path in sorted((REFERENCE / folder).glob(pattern)):
        # One includes itself.
        included = [path, *path.parent.glob("*/*.conf")] if b"include" in path.read_bytes() else []
        beside = {str(other.relative_to(path.parent)): other.read_bytes() for other in included}
        yield Input(path.stem, kind, "cases", path.read_bytes(), beside)


def corpus(kind: str) -> Iterator[Input]:
    for entry in index():
        if entry["kind"] == kind:
            aside = hashlib.sha256(entry["path"].encode()).hexdigest()[0] in "01234"
            yield Input(
                entry["file"], kind, "set aside" if aside else "open", (CORPUS / entry["file"]).read_bytes(), {}
            )


def index() -> list[dict[str, Any]]:
    if not CORPUS.is_dir():
        return []
    return [json.loads(line) for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def recorded(kind: str) -> dict[str, tuple[int, list[str]]]:
    """Status and messages by case, as haproxy 2.6.12 and keepalived 2.2.7 gave them."""
    if kind == "haproxy":
        return _records((REFERENCE / "ha-cases-2.6.12.txt").read_text(encoding="utf-8"))
    extra = (REFERENCE / "ka-cases-extra.txt").read_text(encoding="utf-8")
    own = next(part for part in extra.split("##### ") if part.startswith("/usr/sbin/keepalived\n"))
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
