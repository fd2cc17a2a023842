"""The clusters of corpus/: what halint says of each, and that the healthy ones are what `generate` writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from halint import generator

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from update_expected import clusters, findings

CLUSTERS = clusters()
SILENT = {"healthy-debian12", "healthy-el9", "ipv6-pair", "unicast-three-nodes"}
GENERATED = [path for path in CLUSTERS if (path / "cluster.toml").exists()]


@pytest.mark.parametrize("cluster", CLUSTERS, ids=lambda path: path.name)
def test_says_what_is_expected(cluster: Path) -> None:
    expected = (cluster / "expected.txt").read_text(encoding="utf-8")
    assert findings(cluster) == expected, "run scripts/update_expected.py and read what changes"
    assert (expected == "") == (cluster.name in SILENT)


@pytest.mark.parametrize("cluster", GENERATED, ids=lambda path: path.name)
def test_generate_still_writes_it(cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = (cluster / "lb1/etc/keepalived/keepalived.conf").read_text().split("auth_pass ")[1].split()[0]
    monkeypatch.setenv("VRRP_SECRET", secret)
    written = generator.generate(str(cluster / "cluster.toml"), str(tmp_path / "out"))
    assert written
    for path in map(Path, written):
        assert path.read_bytes() == (cluster / path.relative_to(tmp_path / "out")).read_bytes(), path


def _interfaces(cluster: Path) -> set[str]:
    text = "".join(path.read_text() for path in cluster.glob("*/etc/keepalived/keepalived.conf"))
    words = text.split()
    return {words[at + 1] for at, word in enumerate(words) if word == "interface"}


@pytest.mark.daemons
@pytest.mark.parametrize("cluster", [path for path in CLUSTERS if path.name in SILENT], ids=lambda path: path.name)
def test_daemons_accept_the_healthy_ones(cluster: Path, tmp_path: Path) -> None:
    links = "; ".join(f"ip link add {name} type bridge; ip link set {name} up" for name in sorted(_interfaces(cluster)))
    for node in sorted(path for path in cluster.iterdir() if path.is_dir()):
        configuration = node / "etc/keepalived/keepalived.conf"
        script = f'{links}; exec keepalived -t -f "$0"'
        run = subprocess.run(["unshare", "-n", "sh", "-c", script, configuration], capture_output=True, text=True)
        assert (run.returncode, run.stdout + run.stderr) == (0, "")
        haproxy = tmp_path / "haproxy.cfg"
        # the certificate and the socket's folder are those of the node
        text = (node / "etc/haproxy/haproxy.cfg").read_text()
        haproxy.write_text("".join(line for line in text.splitlines(True) if " crt " not in line))
        run = subprocess.run(["haproxy", "-c", "-f", haproxy], capture_output=True, text=True, env={**os.environ})
        assert run.returncode == 0, run.stderr
