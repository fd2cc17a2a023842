"""The real daemons judge: a file that `haproxy -c` or `keepalived -t` accepts gets no syntax problem.

keepalived needs the interfaces that a file names: each file is judged in a network namespace that has them.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from corpus_of_others import CORPUS, needs_corpus
from test_public_corpus import index

from halint.readers import formats
from halint.source import Source

pytestmark = [pytest.mark.daemons, needs_corpus]

#: keepalived's messages that are about how the text is written, not about what it says.
_SYNTAX = re.compile(
    r"missing '}'s|extra '{'s|Unmatched quote|Unterminated|unexpected|Missing '{'|Unknown keyword '[{}]", re.I
)
_INTERFACE = re.compile(rb"(?:interface|dev)[ \t]+([A-Za-z][A-Za-z0-9_.-]{1,14})\b")


def files(kind: str) -> list[str]:
    return [str(entry["file"]) for entry in index() if entry["kind"] == kind]


def haproxy_accepts(path: Path) -> bool:
    found = subprocess.run(["haproxy", "-c", "-f", path], capture_output=True, check=False, timeout=60)
    return found.returncode in (0, 2)


def keepalived_accepts(path: Path, data: bytes) -> bool:
    names = {name.decode() for name in _INTERFACE.findall(data)} - {"lo"}
    links = [f"ip link add name {name} type bridge && ip link set {name} up || true" for name in sorted(names)]
    script = "; ".join(["ip link set lo up", *links, 'exec keepalived -t -f "$0"'])
    found = subprocess.run(
        ["unshare", "-n", "sh", "-c", script, path],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=60,
    )
    return found.returncode in (0, 5, 6) and not _SYNTAX.search(found.stderr + found.stdout)


@pytest.mark.parametrize("part", range(8))
def test_haproxy(part: int) -> None:
    accepted = 0
    for file in files("haproxy")[part::8]:
        if haproxy_accepts(CORPUS / file):
            accepted += 1
            tree = formats.read(Source.of_bytes(file, (CORPUS / file).read_bytes(), format="haproxy"))
            assert not tree.problems, file
    assert accepted


@pytest.mark.parametrize("part", range(8))
def test_keepalived(part: int) -> None:
    accepted = 0
    for file in files("keepalived")[part::8]:
        data = (CORPUS / file).read_bytes()
        if keepalived_accepts(CORPUS / file, data):
            accepted += 1
            tree = formats.read(Source.of_bytes(file, data, format="keepalived"))
            assert not tree.problems, file
    assert accepted
