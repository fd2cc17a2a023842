"""Where haproxy in a chroot logs to by /dev/log: its unit of Debian 12, booted, brings the socket there."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from systemd_node import SystemdNode, can_boot

pytestmark = [
    pytest.mark.daemons,
    pytest.mark.skipif(
        not can_boot() or not shutil.which("haproxy") or not shutil.which("rsyslogd"),
        reason="needs root, systemd, cgroup2, haproxy and rsyslogd",
    ),
]

HAPROXY = """global
    log /dev/log local2
    chroot /var/lib/haproxy
    user haproxy
    group haproxy

defaults
    log global
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s

frontend www
    bind 127.0.0.1:8080
    http-request return status 200
"""
RSYSLOG = 'module(load="imuxsock")\n$IncludeConfig /etc/rsyslog.d/*.conf\nlocal2.* /var/log/haproxy.log\n'
DROP_IN = "etc/systemd/system/haproxy.service.d/no-socket.conf"
WITHOUT = "[Service]\nBindReadOnlyPaths=\n"
SOCKET = "$AddUnixListenSocket /var/lib/haproxy/dev/log\n"
ASK = """
import urllib.request
urllib.request.urlopen("http://127.0.0.1:8080/", timeout=5).read()
"""


@pytest.mark.parametrize(
    ("more", "logged"),
    [({}, True), ({DROP_IN: WITHOUT}, False), ({DROP_IN: WITHOUT, "etc/rsyslog.d/49-haproxy.conf": SOCKET}, True)],
)
def test_the_unit_of_debian_brings_the_socket_into_the_chroot(
    more: dict[str, str], logged: bool, tmp_path: Path
) -> None:
    for path, text in {"etc/haproxy/haproxy.cfg": HAPROXY, "etc/rsyslog.conf": RSYSLOG, **more}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    with SystemdNode(tmp_path) as node:
        node.run("ip link set lo up; systemctl start rsyslog haproxy")
        assert node.run("systemctl is-active rsyslog haproxy").stdout.split() == ["active", "active"]
        assert node.run(f"/usr/bin/python3 -c '{ASK}'").returncode == 0
        end, found = time.monotonic() + (10 if logged else 0.5), False
        while not found and time.monotonic() < end:
            found = "Connect from 127.0.0.1" in node.run("cat /var/log/haproxy.log").stdout
        assert found is logged
