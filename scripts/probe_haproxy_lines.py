"""Ask haproxies about lines with expressions, ACLs, conditions and log formats.  Usage: ... BINARY [BINARY...]

Rewrites the marks of scripts/facts/haproxy/lines.txt, a column for each binary: each line in a proxy of its own, of
the kind and mode that the heading above it says, in a file of its own. A line of a person's is added with any marks.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FACTS = Path(__file__).parent / "facts" / "haproxy" / "lines.txt"

_LEGEND = """\
# What {versions} say of lines in a proxy, by scripts/probe_haproxy_lines.py: a column each.
#   .  nothing   w  a warning   x  refused
# `;;` stands between lines. What the host decides (names that are resolved, files) is not among them.
"""

FRAME = """\
defaults
    mode {mode}
    log 127.0.0.1 local0
    timeout client 5s
    timeout server 5s
    timeout connect 5s
userlist u
    user a insecure-password b
backend t
    stick-table type ip size 1m expire 10m store gpc(2),gpt(2),http_req_rate(10s),conn_cnt
    server s 127.0.0.1:1
frontend f
    bind 127.0.0.1:65001
    default_backend t
{kind} p
    {needs}
    {lines}
"""
_NEEDS = {
    "frontend": "bind 127.0.0.1:65000",
    "backend": "server s 127.0.0.1:1\n    stick-table type ip size 1m expire 10m",
    "listen": "bind 127.0.0.1:65000\n    server s 127.0.0.1:1\n    stick-table type ip size 1m expire 10m",
}

Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    """Kind of section, mode, marks and line of each fact."""
    kind = mode = ""
    for line in FACTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind, mode = line.strip("[]").split()
        elif line and not line.startswith("#"):
            marks, text = line.split(" ", 1)
            yield kind, mode, marks, text


def config(kind: str, mode: str, line: str) -> str:
    """The file in which a fact is asked about."""
    return FRAME.format(kind=kind, mode=mode, needs=_NEEDS[kind], lines=line.replace(" ;; ", "\n    "))


def ask(binary: str, text: str) -> str:
    """The mark for what `binary` says of the file `text`."""
    with tempfile.NamedTemporaryFile("w", suffix=".cfg", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        asked = subprocess.run([binary, "-c", "-f", file.name], capture_output=True, text=True, errors="replace")
    if asked.returncode < 0:
        raise ChildProcessError(f"{binary} died of signal {-asked.returncode} over:\n{text}")
    return "x" if asked.returncode else "w" if "[WARNING]" in asked.stderr else "."


def version(binary: str) -> str:
    said = subprocess.run([binary, "-v"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"version ([0-9.]+)", said)
    if found is None:
        raise ValueError(f"{binary} does not say its version")
    return found[1]


def main(binaries: list[str]) -> None:
    parts = [_LEGEND.format(versions=" and ".join(map(version, binaries)))]
    heading = None
    for kind, mode, _, line in list(rows()):
        if (kind, mode) != heading:
            heading = kind, mode
            parts.append(f"\n[{kind} {mode}]\n")
        marks = "".join(ask(binary, config(kind, mode, line)) for binary in binaries)
        parts.append(f"{marks} {line}\n")
    FACTS.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
