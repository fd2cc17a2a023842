"""What comes by /dev/log where systemd's journal takes it: a node with journald and rsyslogd, booted, against what the
model says of the same files, with the stock rsyslog.conf of each distribution."""

from __future__ import annotations

import re
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
SEND = """
import socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.connect("/dev/log")
for line in sys.stdin:
    log.send(line.rstrip().encode())
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
    with SystemdNode(tmp_path) as node:
        node.run("mkdir -p /var/lib/rsyslog; systemctl restart systemd-journald; systemctl start rsyslog")
        node.run(f"/usr/bin/python3 -c '{SEND}' <<'X'\n" + "\n".join(lines) + "\nX\nsleep 1; systemctl stop rsyslog")
        written = node.run(
            "grep -o 'message [0-9]*;' -r /var/log --include=*.log --include=messages --include=syslog "
            "--include=secure --include=maillog"
        ).stdout
    got: dict[int, set[str]] = {number: set() for number in range(len(SENT))}
    for path, number in re.findall(r"(?m)^([^:]+):message (\d+);", written):
        got[int(number)].add(path)
    made = model(files)
    for number, message in enumerate(SENT):
        assert got[number] == expected(made, message), message
