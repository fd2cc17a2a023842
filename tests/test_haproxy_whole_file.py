"""What haproxy judges once all lines are read: the cases of haproxy_whole_file.txt, by halint and by haproxy."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from halint import registry, targets
from halint.cluster import Cluster
from halint.finding import Finding
from halint.node import Node
from halint.source import Source

CASES = Path(__file__).with_suffix("").with_name("haproxy_whole_file.txt")
CODES = ("HA101", "HA103", "HA109", "HA110", "HA115", "HA122", "HA142", "HA143", "HA144")
_DEFAULTS = "defaults\n timeout client 5s\n timeout connect 5s\n timeout server 5s\n"
#: What other rules report, and what depends on the host.
_OTHER = re.compile(r"missing timeouts for|no peer named")


class Case(NamedTuple):
    title: str
    text: str
    findings: list[str]


def cases() -> list[Case]:
    found = []
    for part in CASES.read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, findings = part.rpartition("---")
        title, _, body = head.partition("\n")
        found.append(Case(title, body if title.endswith("(bare)") else _DEFAULTS + body, findings.split()))
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_halint(case: Case) -> None:
    path = "/etc/haproxy/haproxy.cfg"
    files = {path: Source.of_bytes(path, case.text.encode(), format="haproxy")}
    cluster = Cluster("one", [Node("lb1", None, files, targets.of_files(files, {"haproxy": ("2.6.12", "given")}))])
    found = [f for code in CODES for f in registry.rules()[code].check(cluster) if isinstance(f, Finding)]
    said = sorted((f.location.source.position(f.location.start)[0], f.severity.label, f.code) for f in found)
    assert [f"{line}:{severity}:{code}" for line, severity, code in said] == case.findings


@pytest.mark.daemons
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_haproxy(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(case.text)
    run = subprocess.run(["haproxy", "-c", "-L", "vm", "-f", path], capture_output=True, check=False, timeout=60)
    messages = re.findall(r"^\[(?:WARNING|ALERT)\].*", run.stderr.decode("utf-8", "replace"), re.M)
    severities = {finding.split(":")[1] for finding in case.findings}
    assert (run.returncode != 0) == ("error" in severities), messages
    assert run.returncode or bool([m for m in messages if not _OTHER.search(m)]) == bool(severities), messages
