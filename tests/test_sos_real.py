"""A report that sos itself writes of a node: what halint takes of it, and what it says is not in it.

As root: the node is a mount and a network namespace with the files of one of corpus/ for its /etc, and another value in
the kernel than a file sets. Debian 12's sos is 4.0.
"""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from halint.cli import cli

pytestmark = pytest.mark.daemons

NODE = Path(__file__).parents[1] / "corpus" / "captured-state" / "lb1"
PLUGINS = "date,dpkg,haproxy,host,kernel,logrotate,logs,networking,process,release,systemd"
#: Without --build sos 4.0 packs the report, and then fails at the checksum on Python 3.11.
SCRIPT = """\
set -e
ip link set lo up
ip link add eth0 type veth peer name eth1
ip addr add 192.0.2.11/24 dev eth0
ip link set eth0 up
sysctl -qw net.ipv4.ip_nonlocal_bind=0
mount -t tmpfs none /run && mkdir /run/node && cp -a "$1/etc" /run/node/
cd /etc
cp -a alternatives debian_version dpkg group ld.so* nsswitch.conf passwd sos /run/node/etc/
cd /
mount --bind /run/node/etc /etc
hostname lb1
exec sos report --batch --build --quiet --tmp-dir "$2" -o "$3"
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the report."""
    folder = tmp_path_factory.mktemp("sos")
    run = subprocess.run(
        ["unshare", "-mnu", "sh", "-c", SCRIPT, "sh", NODE, folder, PLUGINS],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (top,) = (path for path in folder.iterdir() if path.is_dir())
    with tarfile.open(folder / f"{top.name}.tar.xz", "w:xz", preset=0) as tar:
        tar.add(top, top.name)
    return folder / f"{top.name}.tar.xz"


def run(verb: str, *arguments: str) -> str:
    result = CliRunner().invoke(cli, [verb, *arguments], standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout


def test_what_is_in_it(report: Path) -> None:
    shown = run("nodes", str(report))
    assert "is a sos report of lb1\n" in shown
    assert "  os debian12: " in shown
    assert "/sos_commands/dpkg/dpkg_-l says so\n" in shown
    for name in ("kernel/sysctl_-a", "networking/ip_-o_addr", "systemd/systemctl_list-unit-files"):
        assert f"/sos_commands/{name} (captured)" in shown


def test_what_is_not_in_it(report: Path) -> None:
    """The plugins of keepalived and firewalld are EL's alone, and none takes /etc/default."""
    assert "not collected, so nothing is known of: keepalived, options\n" in run("nodes", str(report))


def test_what_halint_says(report: Path) -> None:
    found = run("check", str(report), "--output", "concise").splitlines()
    assert [line[-7:] for line in found] == ["[SY107]"]
    assert "net.ipv4.ip_nonlocal_bind was 0 on lb1 when it was captured" in found[0]
