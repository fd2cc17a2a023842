"""Which scripts make rsyslogd open its files anew: run by logrotate on a Debian 12 that systemd has booted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import pytest
from systemd_node import SystemdNode, can_boot

from halint.models.hangup import signals_rsyslog
from halint.targets import Targets

pytestmark = [pytest.mark.daemons, pytest.mark.skipif(not can_boot(), reason="needs root, systemd and cgroup2")]

LOG = "/var/log/haproxy.log"
NUMBERS = count()

TOLD = [
    "/usr/lib/rsyslog/rsyslog-rotate",
    "[ ! -x /usr/lib/rsyslog/rsyslog-rotate ] || /usr/lib/rsyslog/rsyslog-rotate",
    "systemctl kill -s HUP rsyslog.service >/dev/null 2>&1 || true",
    "/usr/bin/systemctl -s HUP kill rsyslog.service",
    "systemctl kill --signal=SIGHUP rsyslog",
    "systemctl restart rsyslog",
    "systemctl try-restart rsyslog.service",
    "systemctl condrestart rsyslog",
    "systemctl reload-or-restart rsyslog",
    "systemctl try-reload-or-restart rsyslog",
    "systemctl force-reload rsyslog",
    "service rsyslog restart",
    "service rsyslog try-restart",
    "service rsyslog force-reload",
    "invoke-rc.d rsyslog restart",
    "invoke-rc.d rsyslog force-reload",
    "pkill -HUP rsyslogd",
    "pkill -HUP rsyslogd >/dev/null 2>&1 || true",
    "pkill -1 syslog",
    "pkill --signal HUP -x rsyslogd",
    "killall -HUP rsyslogd || :",
    "killall -s HUP rsyslogd",
    "kill -HUP $(pidof rsyslogd 2>/dev/null)",
    "kill -HUP `pgrep rsyslogd`",
]
NOT_TOLD = [
    "systemctl reload rsyslog",
    "systemctl reload rsyslog.service > /dev/null 2>&1 || true",
    "service rsyslog reload",
    "service rsyslog rotate >/dev/null 2>&1 || true",
    "invoke-rc.d rsyslog rotate > /dev/null",
    "invoke-rc.d rsyslog reload",
    "/etc/init.d/rsyslog rotate",
    "systemctl restart rsyslogd",
    "service rsyslogd restart",
    "reload rsyslog >/dev/null 2>&1 || true",
    "/bin/kill -HUP `cat /var/run/syslogd.pid 2> /dev/null` 2> /dev/null || true",
    "kill -HUP $(cat /run/rsyslogd.pid)",
    "killall -HUP rsyslog",
    "killall -HUP syslogd",
    "pkill -HUP -x rsyslog",
    "kill -HUP $(pidof rsyslog)",
    "kill -HUP $(pgrep -x syslogd)",
    "systemctl kill -s HUP haproxy.service",
    "true",
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdNode]:
    folder = tmp_path_factory.mktemp("node")
    (folder / "etc").mkdir()
    (folder / "etc/rsyslog.conf").write_text(f'module(load="imuxsock")\n*.* {LOG}\n')
    with SystemdNode(folder) as booted:
        booted.run("systemctl start rsyslog")
        yield booted


def log(node: SystemdNode) -> str:
    """Log a line, and wait until it is written. The name of the file that it is in."""
    text = f"line {next(NUMBERS)};"
    end = time.monotonic() + 10
    while not (found := node.run(f"grep -l '{text}' {LOG} {LOG}.1").stdout.strip()):
        assert time.monotonic() < end
        node.run(f"logger '{text}'; sleep 0.2")
    return found.rpartition("\n")[2]


@pytest.mark.parametrize("script", TOLD + NOT_TOLD)
def test_rsyslogd_is_told(script: str, node: SystemdNode) -> None:
    node.run("systemctl reset-failed rsyslog; systemctl restart rsyslog")
    assert log(node) == LOG
    entry = f"{LOG} {{\nrotate 1\ncreate\npostrotate\n{script}\nendscript\n}}\n"
    node.run(f"cat > /etc/lb <<'X'\n{entry}\nX\nlogrotate -f -s /run/state /etc/lb")
    # A signal takes a moment to be seen; one that was not sent is none later.
    end, told = time.monotonic() + (10 if script in TOLD else 0.5), False
    while not told and time.monotonic() < end:
        told = log(node) == LOG
    assert told is (script in TOLD)
    assert signals_rsyslog(script, Targets(os="debian12")) is told
