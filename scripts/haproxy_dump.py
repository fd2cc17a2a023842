"""Write down what one more haproxy knows of samples: haproxy -dKall -q -c -f /dev/null | haproxy_dump.py VERSION

Adds a column to scripts/facts/haproxy/samples.tsv: a line per ACL keyword, converter and fetch as they are registered
(places, arguments and types included), with Y for each version whose dump has exactly that line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from halint.versions import parse

FACTS = Path(__file__).parent / "facts" / "haproxy" / "samples.tsv"

_KINDS = {"ACL keywords": "acl", "sample converter functions": "converter", "sample fetch functions": "fetch"}


def read() -> tuple[list[str], dict[tuple[str, str], str]]:
    """The versions, and per kind and line whether each version has it, as Y and `.`."""
    versions: list[str] = []
    lines: dict[tuple[str, str], str] = {}
    for line in FACTS.read_text(encoding="utf-8").splitlines() if FACTS.exists() else ():
        if line.startswith("#"):
            versions = line.removeprefix("#").split()
            continue
        seen, kind, text = line.split("\t")
        lines[kind, text] = seen
    return versions, lines


def dumped(dump: str) -> Iterator[tuple[str, str]]:
    kind = None
    for line in dump.splitlines():
        heading = re.match(r"# List of registered (.*):", line)
        if heading:
            kind = _KINDS.get(heading[1])
        elif kind and line.strip() and not line.startswith("#"):
            yield kind, re.sub(r"(?<=[Y.]) (?=[Y.\]])|(?<=\[) ", "", line) if kind == "fetch" else line.strip()


def main(version: str) -> None:
    versions, lines = read()
    found = set(dumped(sys.stdin.read()))
    at = sum(parse(other) < parse(version) for other in versions)  # type: ignore[operator]
    new = {key: "." * len(versions) for key in found if key not in lines}
    lines = {key: seen[:at] + ("Y" if key in found else ".") + seen[at:] for key, seen in {**lines, **new}.items()}
    text = "".join(f"{seen}\t{kind}\t{line}\n" for (kind, line), seen in sorted(lines.items(), key=_order))
    FACTS.write_text(f"# {' '.join([*versions[:at], version, *versions[at:]])}\n{text}", encoding="utf-8")


def _order(entry: tuple[tuple[str, str], str]) -> tuple[str, str]:
    (kind, line), _ = entry
    return kind, line.partition("] ")[2] or line


if __name__ == "__main__":
    main(sys.argv[1])
