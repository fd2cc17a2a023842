"""scripts/collect.sh on nodes of its own, as the README runs it: what halint says of them is what is true there.

As root: a node is a mount and a network namespace that has the files of a cluster of corpus/ for its /etc, and in the
kernel what `NODE` puts there. A stub of ssh leads into it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.daemons

HOME = Path(__file__).parents[1]
COLLECT = HOME / "scripts" / "collect.sh"
NODES = HOME / "corpus" / "captured-state"

#: ssh: a parameter that a file of lb1 sets was reset there, and lb2 has rules that its files do not have.
SSH = """\
#!/bin/sh
node=${1#root@}; shift
[ -n "$INSIDE" ] || INSIDE=1 exec unshare -mn "$0" "$node" "$@"
ip link add eth0 type veth peer name eth1
ip addr add "192.0.2.1${node#lb}/24" dev eth0
ip link set eth0 up
if [ "$node" = lb1 ]; then
  sysctl -qw net.ipv4.ip_nonlocal_bind=0
else
  sysctl -qw net.ipv4.ip_nonlocal_bind=1
  nft add table inet filter
  nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'
fi
mount -t tmpfs none /run && mkdir /run/node && cp -a "$NODES/$node/etc" /run/node/
mkdir /run/node/etc/haproxy/certs && echo key > /run/node/etc/haproxy/certs/site.pem
mount --bind /run/node/etc /etc
exec "$@"
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the README's commands left the archives, and what they printed."""
    folder = tmp_path_factory.mktemp("collected")
    halint = f'#!/bin/sh\nexec {sys.executable} -P -c "from halint.cli import main; main()" "$@" --output json\n'
    for name, text in (("ssh", SSH), ("halint", halint)):
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin" / name).write_text(text, encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    (folder / "scripts").symlink_to(HOME / "scripts")
    block = re.search(r"^```sh\n(for node in .*?)^```$", (HOME / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert block
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "NODES": str(NODES)}
    run = subprocess.run(
        ["bash", "-c", block[1]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (1, "")
    return folder, run.stdout


def test_the_kernel_outranks_the_files(printed: tuple[Path, str]) -> None:
    findings = json.loads(printed[1])["findings"]
    assert {(finding["code"], finding["location"]["node"]) for finding in findings} == {
        ("CX103", "lb1"),
        ("SY107", "lb1"),
        ("FW118", "lb2"),
        ("FW111", "lb2"),
        ("KA225", "lb1"),  # no keepalived runs there
    }


def test_the_files_of_the_node_and_no_key(printed: tuple[Path, str]) -> None:
    with tarfile.open(printed[0] / "lb1.tar.gz") as members:
        names = set(members.getnames())
    ours = {str(path.relative_to(NODES / "lb1")) for path in (NODES / "lb1" / "etc").rglob("*") if path.is_file()}
    assert ours <= names
    assert not [name for name in names if name.endswith(".pem")]
    assert {"sos_commands/kernel/sysctl_-a", "sos_commands/networking/ip_-o_addr"} <= names


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """In a folder for temporary files of its own, with a file for its argument, as Ansible's script module runs it."""
    target = tmp_path / "node.tar.gz"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    subprocess.run(
        ["sh", str(COLLECT), str(target)], env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary)}, check=True
    )
    assert target.stat().st_size and not list(temporary.iterdir())
