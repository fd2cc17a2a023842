"""What was measured of rsyslogd, keepalived's -S and haproxy's log lines, asked again of the real programs."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from test_syslog_messages import CHROOT, MAIN, SOCKET, needs_rsyslogd, through_rsyslogd

pytestmark = [pytest.mark.daemons, needs_rsyslogd]

LOCAL2, LOCAL1 = 18 * 8 + 6, 17 * 8 + 6
UDP = [["udp", "514", LOCAL2, "haproxy"]]
OLD = "$ModLoad imudp\n$UDPServerRun 514\n"
NEW = 'module(load="imudp")\ninput(type="imudp" port="514")\n'
ALL = "*.* /var/log/all\n"


def files(config: str | dict[str, str], messages: list[Any]) -> dict[str, list[int]]:
    found = through_rsyslogd({MAIN: config} if isinstance(config, str) else config, messages)
    written: dict[str, list[int]] = found["written"]
    return written


def check(config: str, folder: Path) -> tuple[int, str]:
    """The status and the complaints of `rsyslogd -N1`."""
    file = folder / "rsyslog.conf"
    file.write_text(config)
    done = subprocess.run(["rsyslogd", "-N1", "-f", file], capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.parametrize("twice", [OLD * 2, NEW * 2, OLD + NEW])
def test_imudp_loaded_twice_is_complained_of_and_receives(twice: str, tmp_path: Path) -> None:
    status, said = check(twice + ALL, tmp_path)
    assert status == 1
    assert "module 'imudp' already in this config, cannot be added" in said
    assert files(twice + ALL, UDP) == {"/var/log/all": [0]}


@pytest.mark.parametrize("inputs", [OLD + "$UDPServerRun 514\n", NEW + 'input(type="imudp" port="514")\n'])
def test_a_port_twice_gives_no_line_twice(inputs: str, tmp_path: Path) -> None:
    assert check(inputs + ALL, tmp_path)[0] == 0
    assert files(inputs + ALL, UDP * 3) == {"/var/log/all": [0, 1, 2]}


@pytest.mark.parametrize(
    ("inputs", "bound"),
    [
        ("$UDPServerRun 514\n$UDPServerAddress 127.0.0.2\n", ["0.0.0.0 514", ":: 514"]),
        ("$UDPServerAddress 127.0.0.2\n$UDPServerRun 514\n", ["127.0.0.2 514"]),
        ("$UDPServerRun 514\n$UDPServerRun 514\n", ["0.0.0.0 514"] * 2 + [":: 514"] * 2),
    ],
)
def test_where_imudp_listens(inputs: str, bound: list[str]) -> None:
    assert through_rsyslogd({MAIN: "$ModLoad imudp\n" + inputs + ALL}, UDP)["listening"] == bound


@pytest.mark.parametrize(
    ("listen", "made"),
    [
        ("$AddUnixListenSocket /srv/jail/dev/log\n", False),
        ('input(type="imuxsock" Socket="/srv/jail/dev/log")\n', False),
        ('input(type="imuxsock" Socket="/srv/jail/dev/log" CreatePath="on")\n', True),
    ],
)
def test_the_folder_of_a_socket_is_made_where_it_is_asked_for(listen: str, made: bool) -> None:
    written = files("$ModLoad imuxsock\n" + listen + ALL, [["unix", "/srv/jail/dev/log", LOCAL2, "haproxy"]])
    assert bool(written) is made


@pytest.mark.parametrize(
    "rules",
    ['*.* action(type="omfile" file="/srv/lb/haproxy.log" createDirs="off")\n', "$PrivDropToUser nobody\n" + ALL],
)
def test_a_folder_that_it_cannot_write_to_is_seen_by_no_check_and_loses_messages(rules: str, tmp_path: Path) -> None:
    assert check(OLD + rules, tmp_path) == (0, check(OLD + ALL, tmp_path)[1])
    assert files(OLD + rules, UDP) == {}


def test_what_loses_messages() -> None:
    assert files(OLD + "local1.* /var/log/haproxy.log\n", UDP) == {}
    assert files(SOCKET + ALL, UDP) == {}
    assert files(SOCKET + ALL, [["unix", CHROOT, LOCAL2, "haproxy"]]) == {}
    assert files(SOCKET + f"$AddUnixListenSocket {CHROOT}\n" + ALL, [["unix", CHROOT, LOCAL2, "haproxy"]])


def test_the_stop_of_debians_haproxy_swallows_what_a_later_file_wants() -> None:
    config = {
        MAIN: SOCKET + "$IncludeConfig /etc/rsyslog.d/*.conf\n",
        "/etc/rsyslog.d/49-haproxy.conf": ':programname, startswith, "haproxy" {\n  /var/log/haproxy.log\n  stop\n}\n',
        "/etc/rsyslog.d/60-mine.conf": "local2.* /var/log/mine.log\n",
    }
    assert files(config, [["unix", "/dev/log", LOCAL2, "haproxy"]]) == {"/var/log/haproxy.log": [0]}


def test_an_address_below_the_port_has_no_effect() -> None:
    assert files("$ModLoad imudp\n$UDPServerRun 514\n$UDPServerAddress 127.0.0.2\n" + ALL, UDP)
    assert not files("$ModLoad imudp\n$UDPServerAddress 127.0.0.2\n$UDPServerRun 514\n" + ALL, UDP)


@pytest.mark.parametrize("slip", ["if $programname == haproxy then stop", "local1.* {\n}", "& stop", "local1.* {"])
def test_below_a_syntax_error_nothing_is_read(slip: str) -> None:
    config = {
        MAIN: OLD + "local1.* /var/log/above\nlocal2.* /var/log/above\n$IncludeConfig /etc/rsyslog.d/*.conf\n" + ALL,
        "/etc/rsyslog.d/1.conf": f"{slip}\n" + ALL,
        "/etc/rsyslog.d/2.conf": ALL,
    }
    assert files(config, UDP) == {"/var/log/above": [0]}


def test_it_dies_at_the_call_of_rules_with_an_action_that_is_switched_off(tmp_path: Path) -> None:
    rules = 'ruleset(name="lb") {\n action(type="omfile" file="/tmp/a" config.enabled="off")\n}\n'
    assert check(OLD + rules + "call lb\n" + ALL, tmp_path)[0] == 0
    assert files(OLD + rules + "call lb\n" + ALL, UDP) == {}
    assert files(OLD + rules + ALL, UDP) == {"/var/log/all": [0]}


def test_discard_by_tilde_is_taken_without_a_word(tmp_path: Path) -> None:
    assert check("local1.* ~\n" + ALL, tmp_path)[0] == 0
    found = through_rsyslogd({MAIN: OLD + "local2.* ~\n" + ALL}, UDP)
    assert (found["written"], found["said"]) == ({}, "")


_LISTEN = """
import json, os, socket, subprocess, sys, time
sys.path.insert(0, {tests!r})
import syslog_node
syslog_node.build({{"/etc/keepalived/keepalived.conf": "global_defs {{\\n}}\\n"}})
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind(str(syslog_node.ROOT / "dev/log"))
os.chmod(syslog_node.ROOT / "dev/log", 0o666)
log.settimeout(3)
command = ["chroot", str(syslog_node.ROOT), "keepalived", "-n", "-D", *{arguments!r}]
daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
try:
    while b"Command line" not in (message := log.recv(4096)):
        pass
finally:
    daemon.terminate()
said = daemon.communicate(timeout=20)[0]
print(json.dumps([int(message[1 : message.index(b">")]) // 8, said]))
"""


@pytest.mark.skipif(not shutil.which("keepalived"), reason="needs keepalived")
@pytest.mark.parametrize(
    ("arguments", "facility"),
    [([], 3), (["-S", "1"], 17), (["-S", "local1"], 17), (["-S", "0"], 16), (["-S2"], 18), (["-S", "9"], 3)],
)
def test_the_facility_of_keepalived(arguments: list[str], facility: int) -> None:
    script = _LISTEN.format(tests=str(Path(__file__).parent), arguments=arguments)
    command = ["unshare", "-m", "-n", "--propagation", "private", sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found, said = json.loads(done.stdout)
    assert found == facility
    assert ("Invalid log facility '9'" in said) is (arguments == ["-S", "9"])


@pytest.mark.skipif(not shutil.which("haproxy"), reason="needs haproxy")
@pytest.mark.parametrize(
    ("main", "proxy", "status", "said"),
    [
        ("log 127.0.0.1 local8", "log global", 1, "unknown log facility 'local8'"),
        ("log /dev/log local2\n    chroot /var/lib/haproxy", "log global\n    option httplog", 0, ""),
        ("daemon", "option httplog", 0, "log format ignored for frontend 'www' since it has no log address."),
        ("log 127.0.0.1 local2", "option httplog", 0, "log format ignored for frontend 'www'"),
    ],
)
def test_what_haproxys_own_check_says_of_logs(main: str, proxy: str, status: int, said: str, tmp_path: Path) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(
        f"global\n    {main}\n\ndefaults\n    mode http\n    timeout client 5s\n    timeout connect 5s\n"
        f"    timeout server 5s\n\nfrontend www\n    {proxy}\n    bind 127.0.0.1:8080\n    http-request return\n"
    )
    done = subprocess.run(["haproxy", "-c", "-f", file], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert said in done.stderr
    assert ("log" in done.stderr) is bool(said)


@pytest.mark.skipif(not shutil.which("haproxy"), reason="needs haproxy")
@pytest.mark.parametrize("said", ["", "    log global\n"])
def test_haproxy_logs_a_request_where_the_proxy_says_log_global_alone(said: str, tmp_path: Path) -> None:
    log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    log.bind(("127.0.0.1", 0))
    log.settimeout(1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = tmp_path / "haproxy.cfg"
    file.write_text(
        f"global\n    log 127.0.0.1:{log.getsockname()[1]} local0\n\ndefaults\n{said}    mode http\n"
        f"    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\n\n"
        f"frontend www\n    bind 127.0.0.1:{port}\n"
        "    http-request return status 200\n"
    )
    checked = subprocess.run(["haproxy", "-c", "-f", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0
    assert "log" not in checked.stderr
    daemon = subprocess.Popen(["haproxy", "-db", "-f", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(50):
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
                break
            except OSError:
                continue
        lines = []
        try:
            while True:
                lines.append(log.recv(4096))
        except TimeoutError:
            pass
    finally:
        daemon.terminate()
        daemon.wait(timeout=20)
        log.close()
    assert any(b"127.0.0.1" in line and b"www" in line for line in lines) is bool(said)
