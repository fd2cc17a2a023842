"""`firewall-offline-cmd --check-config`, which needs no D-Bus: what it says of a folder by its exit status, and where
it sees nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from halint.models.firewall import Firewall
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

ZONE = "zones/public.xml"
DIRECT = '<direct><rule ipv="{}" table="filter" chain="INPUT" priority="0">{}</rule></direct>\n'
#: By exit status, files that it refuses.
REFUSED = [
    (103, {ZONE: '<zone><protocol value="vrpp"/></zone>\n'}),
    (103, {ZONE: '<zone><port port="80" protocol="tpc"/></zone>\n'}),
    (102, {ZONE: '<zone><port port="80000" protocol="tcp"/></zone>\n'}),
    (28, {ZONE: '<zone><protokol value="vrrp"/></zone>\n'}),
    (111, {"direct.xml": DIRECT.format("ipv5", "-p vrrp -j ACCEPT")}),
    (101, {ZONE: '<zone><service name="haproxyy"/></zone>\n'}),
]
#: What it accepts, and what is wrong all the same.
BLIND = [
    DIRECT.format("ipv4", "--protocol vrrpx --bogus"),
    DIRECT.format("ipv4", "-p vrrp -j ACCEPT").replace("INPUT", "input"),
    DIRECT.format("ipv4", "-p vrrp -j ACCEPTT"),
]


def checked(files: dict[str, str], folder: Path) -> int:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    command = ["unshare", "-n", "firewall-offline-cmd", "--system-config", str(folder), "--check-config"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


def firewall(files: dict[str, str]) -> Firewall:
    paths = {f"/etc/firewalld/{path}": text for path, text in files.items()}
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in paths.items()}
    return Node("lb1", "lb1", sources, Targets(os="debian12")).firewall


@pytest.mark.parametrize("files", [files for _, files in REFUSED] + [{"direct.xml": text} for text in BLIND])
def test_halint_sees_it(files: dict[str, str]) -> None:
    found = firewall(files)
    assert found.firewalld is not None
    assert found.firewalld.refused or found.problems or found.misspelled()
    assert found.fault


@pytest.mark.daemons
@pytest.mark.parametrize(("status", "files"), REFUSED)
def test_what_the_check_refuses(status: int, files: dict[str, str], tmp_path: Path) -> None:
    assert checked(files, tmp_path) == status


@pytest.mark.daemons
def test_what_the_check_does_not_see(tmp_path: Path) -> None:
    for number, text in enumerate(BLIND):
        assert not checked({"direct.xml": text}, tmp_path / str(number)), text
    assert not checked({ZONE: '<zone><service name="ssh"/></zone>\n'}, tmp_path / "without VRRP")
