"""The model of rsyslog: what is received and where it ends, against measured and against running rsyslogd."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from halint.models import rsyslog
from halint.models.rsyslog import Rsyslog
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

IMUDP = "$ModLoad imudp\n$UDPServerRun 514\n"


def model(files: dict[str, str] | str, os: str | None = None, collected: str = "rsyslog") -> Rsyslog:
    if isinstance(files, str):
        files = {"/etc/rsyslog.conf": 'module(load="imuxsock")\n' + files}
    sources = {path: Source(path, text, format=formats.of_path(path)) for path, text in files.items()}
    node = Node("lb1", "/lb1", sources, Targets(os=os))
    node.collected = frozenset(collected.split())
    return rsyslog.read(node)


def written(
    made: Rsyslog, facility: str, severity: str = "info", program: str = "haproxy", transport: str = "udp"
) -> object:
    """The files by name, or None where they are not known."""
    found = made.files(facility, severity, program, transport)
    return [path for path, _ in found.files] if found.known else None


@pytest.mark.parametrize(
    ("text", "host", "port", "expected"),
    [
        (IMUDP, "127.0.0.1", "514", True),
        (IMUDP, "127.0.0.1", "5140", False),
        (IMUDP * 2, "127.0.0.1", "514", True),
        ("#" + IMUDP.replace("\n", "\n#"), "127.0.0.1", "514", False),
        ("$UDPServerRun 514\n$ModLoad imudp\n", "127.0.0.1", "514", False),
        ("$ModLoad imudp.so # UDP\n$UDPServerAddress 127.0.0.1\n$UDPServerRun 514\n", "localhost", "514", True),
        ("$ModLoad imudp\n$UDPServerAddress 192.0.2.11\n$UDPServerRun 514\n", "127.0.0.1", "514", False),
        ("$ModLoad imudp\n$UDPServerRun 514\n$UDPServerAddress 192.0.2.11\n", "127.0.0.1", "514", True),
        ('module(load="imudp")\ninput(type="imudp" port="514")\n', "::1", "514", True),
        ('module(load="imudp")\ninput(type="imudp" port=["1","514"] address="127.0.0.1")\n', "127.0.0.1", "514", True),
        ('module(load="imudp")\n', "127.0.0.1", "514", False),
        ('input(type="imudp" port="514")\n', "127.0.0.1", "514", False),
        ('module(load="imtcp")\ninput(type="imtcp" port="514")\n', "127.0.0.1", "514", False),
        ("$IncludeConfig /opt/site/*.conf\n", "127.0.0.1", "514", None),
        ('include(text=`echo $X`)\n', "127.0.0.1", "514", None),
        ('module(load="imudp"\n', "127.0.0.1", "514", None),
    ],
)  # fmt: skip
def test_receives_udp(text: str, host: str, port: str, expected: bool | None) -> None:
    assert model(text).receives("udp", host, port)[0] is expected


def test_receives_from_drop_ins_of_a_stock_configuration() -> None:
    for os_name in ("el7", "el8", "el9", "debian12", "ubuntu22.04"):
        assert model({}, os_name).receives("udp", "127.0.0.1", "514") == (False, None)
        answer, word = model({"/etc/rsyslog.d/haproxy.conf": IMUDP}, os_name).receives("udp", "127.0.0.1", "514")
        assert answer is True
        assert word is not None
        assert word.source.path == "/etc/rsyslog.d/haproxy.conf"
        assert model({}, os_name).receives("unix", place="/dev/log")[0] is True
    assert model({"/etc/rsyslog.d/haproxy.conf": IMUDP}).receives("udp", "127.0.0.1", "514")[0] is True
    assert model({"/etc/rsyslog.d/haproxy.conf": ""}).receives("udp", "127.0.0.1", "514")[0] is None
    assert model({}, "el8", collected="").receives("udp", "127.0.0.1", "514")[0] is None
    ng = {"/etc/rsyslog.conf": "", "/etc/syslog-ng/syslog-ng.conf": ""}
    assert model(ng, "el8").receives("udp", "127.0.0.1", "514")[0] is None


def test_receives_unix() -> None:
    chroot = "/var/lib/haproxy/dev/log"
    assert model("").receives("unix", place=chroot)[0] is False
    assert model(f"$AddUnixListenSocket {chroot}\n").receives("unix", place=chroot)[0] is True
    assert model(f'input(type="imuxsock" Socket="{chroot}")\n').receives("unix", place=chroot)[0] is True
    assert model("").receives("unix", place="/dev/log")[0] is True
    # Loaded the new way, the module takes no old setting: "currently not permitted".
    assert model("$OmitLocalLogging on\n").receives("unix", place="/dev/log")[0] is True
    old = {"/etc/rsyslog.conf": "$ModLoad imuxsock\n$OmitLocalLogging on\n"}
    assert model(old).receives("unix", place="/dev/log")[0] is False
    assert model({}, "debian12").receives("unix", place=chroot)[0] is True
    files = {
        "/etc/rsyslog.conf": 'module(load="imuxsock")\n',
        "/etc/systemd/journald.conf": "[Journal]\nForwardToSyslog=no\n",
    }
    assert model(files).receives("unix", place="/dev/log")[0] is False
    files["/etc/rsyslog.conf"] += 'module(load="imjournal")\n'
    assert model(files).receives("unix", place="/dev/log")[0] is True


# Rules (with T for a folder), facility, severity, program, the files that the message is written to. rsyslogd is
# given the same cases below.
ROUTES = [
    ("local2.* T/a\n", "local2", "info", "haproxy", ["a"]),
    ("local2.* T/a\n", "local1", "info", "haproxy", []),
    ("local2.=info -T/a;RSYSLOG_FileFormat\nlocal2.notice -T/b\nlocal2.* ~\n*.* T/c\n", "local2", "info", "h", ["a"]),
    ("local2.=info -T/a\nlocal2.notice -T/b\nlocal2.* ~\n*.* T/c\n", "local2", "err", "haproxy", ["b"]),
    ("local2.=info -T/a\nlocal2.notice -T/b\nlocal2.* ~\n*.* T/c\n", "local2", "debug", "haproxy", []),
    ("local2.!=info T/a\n*.* T/b\n", "local2", "info", "haproxy", ["b"]),
    ("*.*;local2.none T/a\n", "local2", "info", "haproxy", []),
    ("*.info;mail.none;authpriv.none;cron.none T/a\n", "local1", "info", "haproxy", ["a"]),
    ("*.info;mail.none T/a\n", "local1", "debug", "haproxy", []),
    ("local2.*;local2.!notice T/a\n", "local2", "info", "haproxy", ["a"]),
    ("local2.*;local2.!notice T/a\n", "local2", "err", "haproxy", []),
    ("local1,local2.=info T/a\n", "local1", "info", "haproxy", ["a"]),
    ("LOCAL1.*;\\\n  local2.none T/a\n", "local1", "info", "haproxy", ["a"]),
    ("local1.6 T/a\n", "local1", "info", "haproxy", ["a"]),
    ("local2.* T/a\n& stop\n*.* T/b\n", "local2", "info", "haproxy", ["a"]),
    ("local2.* T/a\n& T/b\n", "local2", "info", "haproxy", ["a", "b"]),
    ("local2.* {\n T/a\n stop\n}\n*.* T/b\n", "local2", "info", "haproxy", ["a"]),
    (':programname, startswith, "haproxy" {\n T/a\n stop\n}\n*.* T/b\n', "local2", "info", "haproxy", ["a"]),
    (':programname, startswith, "haproxy" {\n T/a\n stop\n}\n*.* T/b\n', "local2", "info", "Keepalived", ["b"]),
    (':programname, !isequal, "haproxy" stop\n*.* T/b\n', "local2", "info", "haproxy", ["b"]),
    (':syslogtag, startswith, "haproxy" T/a\n', "local2", "info", "haproxy", ["a"]),
    (':syslogtag, isequal, "other:" T/a\n', "local2", "info", "haproxy", []),
    (':syslogfacility-text, isequal, "local2" T/a\n', "local2", "info", "haproxy", ["a"]),
    (':syslogseverity, isequal, "6" T/a\n', "local2", "info", "haproxy", ["a"]),
    (':fromhost-ip, isequal, "127.0.0.1" T/a\n', "local2", "info", "haproxy", ["a"]),
    (':inputname, isequal, "imudp" T/a\n', "local2", "info", "haproxy", ["a"]),
    ('if $programname == "haproxy" then T/a\nelse T/b\n', "local2", "info", "haproxy", ["a"]),
    ('if $programname == "haproxy" then T/a\n& stop\nelse T/b\n*.* T/c\n', "local2", "info", "x", ["b", "c"]),
    ('if $syslogfacility-text == "local2" and $syslogseverity <= 5 then { T/a\n} else { T/b\n}\n',
     "local2", "info", "h", ["b"]),
    ('if not ($syslogfacility == 18 or $programname == "x") then stop\n*.* T/b\n', "local2", "info", "h", ["b"]),
    ('if $programname == ["a", "haproxy"] then T/a\n', "local2", "info", "haproxy", ["a"]),
    ("if prifilt('local2.*') then T/a\n", "local2", "info", "haproxy", ["a"]),
    ('if $programname startswith "hap" and ($syslogseverity-text == "info") then action(type="omfile" file="T/a")\n',
     "local2", "info", "haproxy", ["a"]),
    ('if $programname == "a" then if $syslogseverity == 6 then T/a\nelse T/b\nelse T/c\n',
     "local2", "info", "x", ["c"]),
    ('ruleset(name="lb") {\n action(type="omfile" file="T/a")\n stop\n}\nlocal2.* call lb\n*.* T/b\n',
     "local2", "info", "h", ["a"]),
    ("$RuleSet x\n*.* T/a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* T/b\n", "local2", "info", "h", ["b"]),
    ("*.* @127.0.0.1:9\n*.* :omusrmsg:nobody\nlocal2.* T/a # comment\n", "local2", "info", "h", ["a"]),
    ("/* local2.* stop */\nlocal2.* /* c */ T/a\n", "local2", "info", "h", ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "facility", "severity", "program", "expected"), ROUTES)
def test_files(rules: str, facility: str, severity: str, program: str, expected: list[str]) -> None:
    made = model(IMUDP + rules.replace("T/", "/log/"))
    assert written(made, facility, severity, program) == ["/log/" + name for name in expected]


@pytest.mark.parametrize(
    ("rules", "files", "known"),
    [
        ('$template Dynamic,"/a/%HOSTNAME%"\n*.* ?Dynamic\n', [], False),
        (':hostname, isequal, "lb1" stop\n*.* /a\n', [], False),
        (':msg, contains, "health" stop\n*.* /a\n', ["/a"], False),
        ('if $msg contains "x" then /a\nelse /b\n', ["/a", "/b"], False),
        (':programname, ereregex, "^(h*a*p*)+x" /a\n', [], False),
        (':programname, ereregex, "\\\\whap" /a\n', [], False),
        (':programname, ereregex, "(hap" /a\n', [], False),
        (':programname, regex, "h+a" /a\n', [], False),
        ('if re_match($msg, "x") then /a\n', ["/a"], False),
        (':msg, contains, "[UFW " /var/log/ufw.log\n& stop\n*.* /a\n', ["/a"], True),
        ("if $.x == 1 then /a\n", [], False),
        ('set $.y = "r2";\ncall_indirect $.y;\n', [], False),
        ('ruleset(name="r") {\nstop\n}\ncall r\n*.* /a\n', ["/a"], False),
        ('action(type="omfile" file="/a" action.execOnlyWhenPreviousIsSuspended="on")\n', [], False),
        ("*.* /b\n$ActionExecOnlyWhenPreviousIsSuspended on\n& /a\n", ["/b", "/a"], False),
        ("local1.* ?Dynamic\nlocal2.* /a\n", ["/a"], True),
        ("$IncludeConfig /opt/*.conf\nlocal2.* /a\n", ["/a"], False),
    ],
)
def test_what_is_not_known(rules: str, files: list[str], known: bool) -> None:
    found = model(IMUDP + rules).files("local2", "info", "haproxy", "udp")
    assert ([path for path, _ in found.files], found.known) == (files, known)


def test_an_input_of_another_ruleset_and_the_place_of_an_include() -> None:
    text = (
        'module(load="imudp")\nruleset(name="lb") {\n *.* /lb\n}\ninput(type="imudp" port="514" ruleset="lb")\n'
        "$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /last\n"
    )
    made = model({"/etc/rsyslog.conf": text, "/etc/rsyslog.d/b.conf": "*.* /b\n", "/etc/rsyslog.d/a.conf": "*.* /a\n"})
    assert written(made, "local2") == ["/lb"]
    assert written(made, "local2", transport="unix") == ["/a", "/b", "/last"]
    legacy = "$ModLoad imudp\n$InputUDPServerBindRuleset r\n$UDPServerRun 514\n$RuleSet r\n*.* /r\n"
    assert written(model(legacy), "local2") == ["/r"]


def test_stock_files() -> None:
    assert written(model({}, "el7"), "local2", transport="unix") == ["/var/log/messages"]
    assert written(model({}, "el9"), "daemon", program="Keepalived", transport="unix") == ["/var/log/messages"]
    assert written(model({}, "debian12"), "local0", transport="unix") == ["/var/log/haproxy.log"]
    assert written(model({}, "debian12"), "daemon", program="Keepalived", transport="unix") == ["/var/log/syslog"]
    # The package's file ends the message before a later one sees it.
    swallowed = model({"/etc/rsyslog.d/60-lb.conf": "local2.* /var/log/lb.log\n"}, "debian12")
    assert written(swallowed, "local2", transport="unix") == ["/var/log/haproxy.log"]
    ((_, word),) = swallowed.files("local2", "info", "haproxy").files
    assert word is None


def test_the_article() -> None:
    files = {
        "/etc/rsyslog.d/keepalived.conf": IMUDP
        + '$template Keepalive,"%timegenerated% lb1 %syslogtag% %msg%\\n"\n'
        "local1.* -/var/log/keepalived.log;Keepalive\nlocal1.* ~\n",
        "/etc/rsyslog.d/haproxy.conf": IMUDP
        + '$template Haproxy,"%timegenerated% lb1 %syslogtag% %msg%\\n"\nlocal2.=info -/var/log/haproxy.log;Haproxy\n'
        "local2.notice -/var/log/haproxy-status.log;Haproxy\nlocal2.* ~\n",
    }  # fmt: skip
    made = model(files, "el7")
    assert made.receives("udp", "127.0.0.1", "514")[0] is True
    assert written(made, "local2") == ["/var/log/haproxy.log"]
    assert written(made, "local2", "alert") == ["/var/log/haproxy-status.log"]
    assert written(made, "local1", program="Keepalived_vrrp", transport="unix") == ["/var/log/keepalived.log"]
    ((_, word),) = made.files("local2", "info", "haproxy", "udp").files
    assert word is not None
    assert word.source.position(word.start) == (4, 15)


def test_a_file_is_read_where_another_includes_it_and_in_its_turn() -> None:
    made = model(
        {
            "/etc/rsyslog.conf": IMUDP + "$IncludeConfig /etc/rsyslog.d/*.conf\n",
            "/etc/rsyslog.d/a.conf": "$IncludeConfig /etc/rsyslog.d/b.conf\nlocal2.* stop\n",
            "/etc/rsyslog.d/b.conf": "local2.* /b\nlocal3.* /c\n",
        }
    )
    assert (written(made, "local2"), written(made, "local3")) == (["/b"], ["/c"])


def test_hostile_nesting_and_includes_end() -> None:
    deep = model(IMUDP + 'if $a == "1" then ' * 20_000 + "/a\n")
    deep.files("local2", "info", "haproxy", "udp")
    loop = model({"/etc/rsyslog.conf": "$IncludeConfig /etc/rsyslog.conf\n" * 3 + IMUDP})
    assert loop.receives("udp", "127.0.0.1", "514")[0] is True
    many = model("if " + "(" * 20_000 + "$a == 1 then /a\n")
    assert not many.files("local2", "info", "haproxy").known
    calls = model('ruleset(name="r") {\ncall r\ncall r\n}\n*.* call r\n*.* /a\n')
    assert not calls.files("local2", "info", "haproxy").known


FACILITY = {"local1": 17, "local2": 18}
SEVERITY = {"err": 3, "info": 6, "debug": 7}


@pytest.mark.daemons
@pytest.mark.skipif(not shutil.which("rsyslogd"), reason="needs rsyslogd")
def test_rsyslogd_routes_as_the_model_says(tmp_path: Path) -> None:
    """Every case of ROUTES in one rsyslogd: a ruleset each, with its own port."""
    config = ['module(load="imudp")', f"$WorkDirectory {tmp_path}"]
    rules_apart = [case for case in ROUTES if "ruleset(" not in case[0] and "$RuleSet" not in case[0]]
    base = _free_port(len(rules_apart))
    for number, (rules, *_) in enumerate(rules_apart):
        (tmp_path / f"c{number}").mkdir()
        text = rules.replace("T/", f"{tmp_path}/c{number}/")
        config += [f'ruleset(name="c{number}") {{', text, "}"]
        config += [f'input(type="imudp" address="127.0.0.1" port="{base + number}" ruleset="c{number}")']
    file = tmp_path / "rsyslog.conf"
    file.write_text("\n".join(config) + "\n")
    with _running(file, tmp_path):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(40):
            for number, (_, facility, severity, program, _) in enumerate(rules_apart):
                priority = FACILITY[facility] * 8 + SEVERITY[severity]
                sender.sendto(f"<{priority}>Nov 23 00:00:00 {program}[1]: x".encode(), ("127.0.0.1", base + number))
            time.sleep(0.1)
            if (tmp_path / "c0" / "a").exists():
                break
        time.sleep(0.5)
    for number, (rules, *_, expected) in enumerate(rules_apart):
        assert sorted(os.listdir(tmp_path / f"c{number}")) == sorted(expected), rules


@pytest.mark.daemons
@pytest.mark.skipif(not shutil.which("rsyslogd"), reason="needs rsyslogd")
@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("$ModLoad imudp\n$UDPServerRun PORT\n", True),
        ("$ModLoad imudp\n$UDPServerRun PORT\n$ModLoad imudp\n$UDPServerRun PORT\n", True),
        ("$UDPServerRun PORT\n$ModLoad imudp\n", False),
        ("$ModLoad imudp\n$UDPServerAddress 127.0.0.2\n$UDPServerRun PORT\n", False),
        ("$ModLoad imudp\n$UDPServerRun PORT\n$UDPServerAddress 127.0.0.2\n", True),
        ("$ModLoad imudp\n$UDPServerAddress 127.0.0.2\n$UDPServerRun 9\n$UDPServerRun PORT\n", False),
        ('input(type="imudp" port="PORT")\nmodule(load="imudp")\n', False),
    ],
)
def test_rsyslogd_listens_as_the_model_says(listen: str, expected: bool, tmp_path: Path) -> None:
    port = str(_free_port(1))
    text = 'module(load="imuxsock" SysSock.Use="off")\n' + listen.replace("PORT", port) + f"*.* {tmp_path}/got\n"
    file = tmp_path / "rsyslog.conf"
    file.write_text(text)
    assert model({"/etc/rsyslog.conf": text}).receives("udp", "127.0.0.1", port)[0] is expected
    with _running(file, tmp_path):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(30):
            sender.sendto(b"<150>Nov 23 00:00:00 haproxy[1]: sent", ("127.0.0.1", int(port)))
            time.sleep(0.05)
    got = tmp_path / "got"
    assert (got.exists() and "sent" in got.read_text()) is expected


class _running:  # noqa: N801
    """rsyslogd with a configuration of its own, until the block ends."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.command = ["rsyslogd", "-n", "-f", str(file), "-i", str(folder / "pid")]

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)


def _free_port(count: int) -> int:
    """The first of `count` UDP ports that nobody has."""
    base = 20_000 + os.getpid() % 20_000
    while True:
        try:
            for port in range(base, base + count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("0.0.0.0", port))
            return base
        except OSError:
            base += count
