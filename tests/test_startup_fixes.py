"""After `halint fix` keepalived starts with the options that were meant, and its unit waits for the network: on a
node that systemd has booted, with the unit of Debian 12."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fixing import fix, lay_out, planned
from systemd_node import SystemdNode, can_boot

pytestmark = [pytest.mark.daemons, pytest.mark.skipif(not can_boot(), reason="needs root, systemd and cgroup2")]

DEFAULT, UNIT = "/etc/default/keepalived", "/etc/systemd/system/keepalived.service"
STOCK_UNIT = Path("/lib/systemd/system/keepalived.service")


def pair(**files: str) -> dict[str, str]:
    """Two nodes of Debian 12. files: of lb1, by path without its first slash."""
    found = {f"lb1/{path}": text for path, text in files.items()}
    for name, priority in (("lb1", 150), ("lb2", 100)):
        found[f"{name}/etc/os-release"] = 'ID=debian\nVERSION_ID="12"\n'
        found[f"{name}/etc/keepalived/keepalived.conf"] = (
            f"vrrp_instance VI_1 {{\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n"
            f"    priority {priority}\n    virtual_ipaddress {{\n        192.0.2.10/32\n    }}\n}}\n"
        )
    return found


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdNode]:
    folder = tmp_path_factory.mktemp("node")
    (folder / "etc").mkdir()
    with SystemdNode(folder) as booted:
        booted.run("ip link add eth0 type veth peer name far; ip link set eth0 up; ip link set far up")
        yield booted


def install(node: SystemdNode, folder: Path, *paths: str) -> None:
    texts = [f"rm -f {path}\n" for path in (DEFAULT, UNIT)]
    for path in ("/etc/keepalived/keepalived.conf", *paths):
        texts.append(f"mkdir -p {path.rpartition('/')[0]}; cat > {path} <<'X'\n{(folder / path[1:]).read_text()}\nX\n")
    node.run("".join(texts) + "systemctl daemon-reload; systemctl reset-failed keepalived")


OPTIONS = [
    ('KEEPALIVED_OPTIONS="-D -S 1"\n', ["-D", "-S", "1"]),
    ("# no options yet\nOPTIONS='--log-detail'  \n", ["--log-detail"]),
    ('KEEPALIVED_OPTIONS="-D -S 1"\nDAEMON_ARGS=""\n', ["-D", "-S", "1"]),
    ('DAEMON_ARGS=\nKEEPALIVED_OPTIONS=-D', ["-D"]),
    ('# DAEMON_ARGS="-x"\nKEEPALIVED_OPTIONS="-D \\\n  -S 1"\n', ["-D", "-S", "1"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options"), OPTIONS)
def test_keepalived_starts_with_the_options(text: str, options: list[str], node: SystemdNode, tmp_path: Path) -> None:
    lay_out(tmp_path, pair(**{DEFAULT[1:]: text}))
    done = fix(tmp_path, "ST", unsafe=True)
    assert [finding.code for finding in done.applied] == ["ST102"] and not done.refused
    assert not planned(tmp_path, "ST", unsafe=True).changes
    install(node, tmp_path / "lb1", DEFAULT)
    started = node.run(
        "systemctl start keepalived; tr '\\0' ' ' < /proc/$(systemctl show -P MainPID keepalived)/cmdline"
    )
    assert started.stdout.split() == ["/usr/sbin/keepalived", "--dont-fork", *options]
    node.run("systemctl stop keepalived")


def test_what_would_be_lost_is_not_renamed(tmp_path: Path) -> None:
    lay_out(tmp_path, pair(**{DEFAULT[1:]: 'DAEMON_ARGS="-D"\nKEEPALIVED_OPTIONS="-S 1"\n'}))
    done = fix(tmp_path, "ST", unsafe=True)
    assert not done.applied and [finding.code for finding in done.remaining.findings] == ["ST102"]


@pytest.mark.parametrize(
    "first", ["Description=Keepalived", "Description=Keepalived \\\n  of ours", "# ours\n\nAfter=local-fs.target"]
)
def test_its_unit_waits_for_the_network(first: str, node: SystemdNode, tmp_path: Path) -> None:
    lines = [line for line in STOCK_UNIT.read_text().splitlines() if "network-online" not in line]
    unit = "\n".join(lines).replace("[Unit]\n", f"[Unit]\n{first}\n", 1) + "\n"
    lay_out(tmp_path, pair(**{UNIT[1:]: unit}))
    done = fix(tmp_path, "ST", unsafe=True)
    assert [finding.code for finding in done.applied] == ["ST106"] and not done.refused
    assert not planned(tmp_path, "ST", unsafe=True).changes
    install(node, tmp_path / "lb1", UNIT)
    assert node.run(f"systemd-analyze verify {UNIT}").stderr == ""
    for kind in ("After", "Wants"):
        assert "network-online.target" in node.run(f"systemctl show -P {kind} keepalived").stdout.split()
