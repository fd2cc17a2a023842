"""What check commands and scripts do, and what the rules about scripts make of a node's accounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint import registry
from halint.finding import Finding, Severity
from halint.models import check_script
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

KEEPALIVED = "/etc/keepalived/keepalived.conf"
HAPROXY = "/etc/haproxy/haproxy.cfg"
SCRIPT = "/etc/keepalived/check.sh"

INSTANCE = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.10
    }
    track_script {
        check
    }
}
"""


def node(files: dict[str, str], root: str | None = "/lb1") -> Node:
    sources = {path: Source(f"lb1{path}", text, format=formats.of_path(path)) for path, text in files.items()}
    return Node("lb1", root, sources, Targets())


BARE = node({})
SERVING = node({HAPROXY: "frontend web\n    bind 192.0.2.10:80\n    bind *:8443\n", KEEPALIVED: INSTANCE})


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("killall -0 haproxy", "haproxy"),
        ("/usr/bin/killall -0 haproxy", "haproxy"),
        ("pidof haproxy", "haproxy"),
        ("/usr/bin/pgrep -x nginx", "nginx"),
        ("pgrep -f 'haproxy -f /etc/haproxy'", "haproxy"),
        ("systemctl is-active --quiet haproxy.service", "haproxy"),
        ("systemctl is-active --quiet mysqld.service", "mysqld"),
        ("service haproxy status", "haproxy"),
        ("service nginx status", "nginx"),
        ("timeout 2 killall -0 haproxy", "haproxy"),
        ("/usr/bin/test -S /run/haproxy/admin.sock", "haproxy"),
        ("/bin/sh -c 'kill -0 $(cat /run/haproxy.pid)'", "haproxy"),
        ("bash -c 'pidof nginx'", "nginx"),
        ("bash -c 'pidof nginx; curl http://localhost:81'", None),
        ("ping -c 1 198.51.100.1", "the network"),
        ("curl -s http://localhost:80/", None),
        ("nc -z 127.0.0.1 80", None),
        ("/etc/keepalived/check_haproxy.sh", None),
        ("/usr/bin/clustercheck haproxy", None),
        ("sh", None),
        ("", None),
    ],
)
def test_target(command: str, target: str | None) -> None:
    assert check_script.of_command(BARE, command).target == target


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("curl -s http://localhost/", "haproxy"),
        ("curl -sk https://localhost:8443/health", "haproxy"),
        ("curl -s http://192.0.2.10:8443", "haproxy"),
        ("nc -z 127.0.0.1 80", "haproxy"),
        ("nc -z ::1 8443", "haproxy"),
        ("curl -s http://127.0.0.1:9000/", "port 9000"),
        ("curl -s http://198.51.100.7:80/", None),
        ("curl -s http://$HOST:80/", None),
    ],
)
def test_a_port_is_that_of_a_bind(command: str, target: str | None) -> None:
    assert check_script.of_command(SERVING, command).target == target


@pytest.mark.parametrize(
    ("text", "target", "stops"),
    [
        ("#!/bin/sh\npidof haproxy || systemctl stop keepalived\n", "haproxy", True),
        ("if ! killall -0 haproxy; then\n  /etc/init.d/keepalived stop\nfi\n", "haproxy", True),
        ("A=`ps -C haproxy --no-header | wc -l`\nif [ $A -eq 0 ]; then\n pkill keepalived\nfi\n", "haproxy", True),
        ("pidof nginx || service keepalived stop", "nginx", True),
        ("pidof haproxy || kill -TERM $(cat /run/keepalived.pid)", "haproxy", True),
        ("pidof haproxy || kill -9 `pidof keepalived`", "haproxy", True),
        ("pidof haproxy || ps ax | grep keepalived | xargs kill", "haproxy", True),
        ("pidof haproxy || killall -HUP keepalived", "haproxy", False),
        ("pidof haproxy && killall -0 keepalived", "haproxy", False),
        ("pidof haproxy # else systemctl stop keepalived", "haproxy", False),
        ("pidof haproxy || { logger 'will stop keepalived'; exit 1; }", "haproxy", False),
        ("pidof haproxy || echo stop keepalived", "haproxy", False),
        ("pidof haproxy || systemctl stop nginx # keepalived", "haproxy", False),
        ("pidof haproxy || exit 1\necho ok > /etc/keepalived/stop", "haproxy", False),
        ("/etc/keepalived/other.sh || exit 1", None, None),
        (". /etc/keepalived/functions\npidof haproxy", "haproxy", None),
        ("# haproxy\nexit 0\n", None, False),
        ("exec 3<>/dev/tcp/127.0.0.1/80; pidof nginx", None, False),
    ],
)
def test_script_in_the_input(text: str, target: str | None, stops: bool | None) -> None:
    check = check_script.of_command(node({SCRIPT: text}), f"{SCRIPT} web")
    assert (check.target, check.stops_keepalived) == (target, stops)
    assert check.source is not None


def test_a_flat_layout_has_the_script_beside_the_configuration() -> None:
    flat = node({"/keepalived/check.sh": "pidof haproxy"}, root=None)
    assert check_script.of_command(flat, f"/bin/bash {SCRIPT}").looks_at_haproxy is True
    assert check_script.of_command(node({"/opt/check.sh": "pidof haproxy"}), SCRIPT).looks_at_haproxy is None


def test_known_commands_do_not_stop_keepalived() -> None:
    assert check_script.of_command(BARE, "killall -0 haproxy").stops_keepalived is False
    assert check_script.of_command(BARE, "killall keepalived").stops_keepalived is True
    assert check_script.of_command(BARE, SCRIPT).stops_keepalived is None


@given(st.text(alphabet="abhprxyo /'\"$(){}|&;#\n-0:.[]\udc80"))
def test_any_text_is_read(text: str) -> None:
    check_script.of_command(node({SCRIPT: text}), SCRIPT)
    check_script.of_command(SERVING, text)


SECURE = "global_defs {\n    enable_script_security\n}\n"
PASSWD = "root:x:0:0:root:/root:/bin/bash\nbackup:x:34:34::/var/backups:/usr/sbin/nologin\n"


def findings(code: str, configuration: str, passwd: str | None = None) -> list[Finding]:
    files = {KEEPALIVED: configuration} | ({} if passwd is None else {"/etc/passwd": passwd})
    return [found for found in registry.rules()[code].check_node(node(files)) if isinstance(found, Finding)]


@pytest.mark.parametrize(
    ("configuration", "passwd", "severities"),
    [
        (SECURE, None, [Severity.WARNING]),
        (SECURE, PASSWD, [Severity.ERROR]),
        (SECURE, PASSWD + "keepalived_script:x:990:990::/:/sbin/nologin\n", []),
        (SECURE.replace("}", "script_user web\n}"), None, []),
        (SECURE.replace("}", "script_user web\n}"), PASSWD, [Severity.ERROR]),
        (SECURE.replace("}", "script_user backup\n}"), PASSWD, []),
        ("", PASSWD, []),
    ],
)
def test_script_user(configuration: str, passwd: str | None, severities: list[Severity]) -> None:
    text = f'{configuration}vrrp_script check {{\n    script "pidof haproxy"\n}}\n{INSTANCE}'
    assert [found.severity for found in findings("KA407", text, passwd)] == severities


@pytest.mark.parametrize(("user", "severities"), [("web", [Severity.ERROR]), ("root", []), ("0", [Severity.ERROR])])
def test_user_of_a_script(user: str, severities: list[Severity]) -> None:
    text = f'vrrp_script check {{\n    script "pidof haproxy"\n    user {user}\n}}\n{INSTANCE}'
    assert [found.severity for found in findings("KA407", text, PASSWD)] == severities


@pytest.mark.parametrize(
    ("line", "passwd", "count"),
    [
        ("notify_backup /say backup", None, 1),
        ("notify_backup /say backup", PASSWD, 0),
        ("notify_master /say web", None, 0),
        ("notify_master /say web", PASSWD, 1),
        ("notify_master /say --master", None, 1),
        ("notify_master '/say master'", None, 0),
        ("notify /say root root", None, 0),
    ],
)
def test_words_behind_a_notify_path(line: str, passwd: str | None, count: int) -> None:
    text = INSTANCE.replace("    interface", f"    {line}\n    interface")
    assert len(findings("KA423", text, passwd)) == count


def test_the_arguments_of_a_misc_check() -> None:
    check = "MISC_CHECK {\nmisc_path /usr/bin/curl x\n}\n"
    text = f"virtual_server 192.0.2.10 80 {{\nreal_server 192.0.2.21 80 {{\n{check}}}\n}}\n"
    (found,) = findings("KA423", text)
    assert found.severity is Severity.ERROR
