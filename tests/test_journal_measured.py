"""What comes by /dev/log where systemd's journal takes it: a node with journald and rsyslogd, booted, against what the
model says of the same files, with the stock rsyslog.conf of each distribution."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from systemd_node import SystemdNode, can_boot
from test_syslog_messages import MESSAGES, expected, model

from halint.models.rsyslog import stock
from halint.models.rsyslog.filters import FACILITIES, SEVERITIES
from halint.targets import Targets

pytestmark = [pytest.mark.daemons, pytest.mark.skipif(not can_boot(), reason="needs root, systemd and cgroup2")]

MAIN = "/etc/rsyslog.conf"
JOURNALD = "/etc/systemd/journald.conf"
DROP_IN = "/etc/rsyslog.d/lb.conf"
RULES = (
    'if $inputname == "imjournal" then /var/log/journal.log\n:fromhost-ip, isequal, "127.0.0.1" /var/log/here.log\n'
    "local2.* -/var/log/haproxy.log\n& stop\nlocal1.=info /var/log/keepalived.log\n"
)
OFF, ON = "[Journal]\nForwardToSyslog=no\n", "[Journal]\nForwardToSyslog=yes\n"
SENT = [message for message in MESSAGES if message[0] == ("unix", "/dev/log")]
#: Slowly: journald drops what it cannot hand on at once, and its socket takes ten messages.
SEND = """
import socket, sys, time
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.connect("/dev/log")
for line in sys.stdin:
    log.send(line.rstrip().encode())
    time.sleep(0.05)
"""


def stock_of(os: str) -> dict[str, str]:
    found, known = stock.files(MAIN, Targets(os=os))
    assert known
    return {path: text.replace('module(load="imklog")\n', "") for path, text in found.items()}


@pytest.mark.parametrize(
    ("os", "files"),
    [
        ("el7", {JOURNALD: ON}),
        ("el9", {JOURNALD: OFF}),
        ("el9", {DROP_IN: RULES, JOURNALD: OFF}),
        ("el7", {DROP_IN: RULES, JOURNALD: ON}),
        ("debian12", {DROP_IN: RULES, JOURNALD: ON}),
        ("debian12", {DROP_IN: RULES, JOURNALD: OFF}),
        ("debian12", {MAIN: 'module(load="imjournal")\n$IncludeConfig /etc/rsyslog.d/*.conf\n', DROP_IN: RULES}),
    ],
)
def test_a_message_that_the_journal_takes(os: str, files: dict[str, str], tmp_path: Path) -> None:
    files = stock_of(os) | files
    for path, text in files.items():
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_text(text)
    lines = [
        f"<{FACILITIES[facility] * 8 + SEVERITIES[severity]}>Nov 23 00:00:00 {program}[1]: message {number};"
        for number, (_, program, (facility, severity)) in enumerate(SENT)
    ]
    made = model(files)
    wanted = {(path, number) for number, message in enumerate(SENT) for path in expected(made, message) or ()}
    with SystemdNode(tmp_path) as node:
        node.run("mkdir -p /var/lib/rsyslog; systemctl restart systemd-journald; systemctl start rsyslog")
        node.run(f"/usr/bin/python3 -c '{SEND}' <<'X'\n" + "\n".join(lines) + "\nX\nsleep 1")
        end = time.monotonic() + 15
        while not (got := written(node)) >= wanted and time.monotonic() < end:
            time.sleep(0.2)
    assert all(expected(made, message) is not None for message in SENT)
    assert got == wanted


def written(node: SystemdNode) -> set[tuple[str, int]]:
    """The log files, each with the number of each message in it."""
    texts = "--include=*.log --include=messages --include=syslog --include=secure --include=maillog"
    found = node.run(f"grep -o 'message [0-9]*;' -r /var/log {texts}").stdout
    return {(path, int(number)) for path, number in re.findall(r"(?m)^([^:]+):message (\d+);", found)}
