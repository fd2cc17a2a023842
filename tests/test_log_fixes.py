"""After `halint fix` what haproxy logs ends in a file, which is rotated, and rsyslogd goes on in the new one: on a node
that systemd has booted, with the real rsyslogd and logrotate of Debian 12."""

from __future__ import annotations

import base64
import io
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from fixing import fix, lay_out, planned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from systemd_node import SystemdNode, can_boot

pytestmark = [pytest.mark.daemons, pytest.mark.skipif(not can_boot(), reason="needs root, systemd and cgroup2")]
NUMBERS = count()

CHROOT = "/var/lib/haproxy"
#: rsyslog.conf as the distributions ship it, and logrotate's entry for it.
_EL_RULES = (
    "*.info;mail.none;authpriv.none;cron.none                /var/log/messages\n"
    "authpriv.*                                              /var/log/secure\n"
    "mail.*                                                  -/var/log/maillog\n"
    "cron.*                                                  /var/log/cron\n"
    "local7.*                                                /var/log/boot.log\n"
)
_DEBIAN_RULES = "*.*;auth,authpriv.none\t\t-/var/log/syslog\nauth,authpriv.*\t\t\t/var/log/auth.log\n"
STOCK = {
    "centos 7": "$ModLoad imuxsock\n$ModLoad imjournal\n$WorkDirectory /var/lib/rsyslog\n"
                "$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat\n$IncludeConfig /etc/rsyslog.d/*.conf\n"
                "$OmitLocalLogging on\n" + _EL_RULES,
    "rocky 9": 'global(workDirectory="/var/lib/rsyslog")\nmodule(load="builtin:omfile" '
               'Template="RSYSLOG_TraditionalFileFormat")\ninclude(file="/etc/rsyslog.d/*.conf" mode="optional")\n'
               'module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal")\n' + _EL_RULES,
    "rocky 8": 'module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal")\n'
               'global(workDirectory="/var/lib/rsyslog")\ninclude(file="/etc/rsyslog.d/*.conf" mode="optional")\n'
               + _EL_RULES,
    "debian 11": 'module(load="imuxsock")\nmodule(load="imklog")\n$FileOwner root\n$FileGroup adm\n'
                 "$FileCreateMode 0640\n$Umask 0022\n$IncludeConfig /etc/rsyslog.d/*.conf\n" + _DEBIAN_RULES
                 + "daemon.*\t\t\t-/var/log/daemon.log\n",
    "debian 12": 'module(load="imuxsock")\nmodule(load="imklog")\n$FileOwner root\n$FileGroup adm\n'
                 "$FileCreateMode 0640\n$Umask 0022\n$IncludeConfig /etc/rsyslog.d/*.conf\n" + _DEBIAN_RULES,
}  # fmt: skip
_COMMAND = {"d": "/usr/lib/rsyslog/rsyslog-rotate", "c": "/bin/kill -HUP $(pidof rsyslogd)", "r": "pkill -HUP rsyslogd"}
_EVERYBODYS = {"d": "/var/log/syslog\n/var/log/auth.log\n", "c": "/var/log/messages\n/var/log/secure\n",
               "r": "/var/log/messages\n/var/log/secure\n"}  # fmt: skip

#: haproxy's global log line, and where such messages come: transport, facility, level.
LOGS = {
    "log 127.0.0.1 local2": ("127.0.0.1 514", "local2", "info"),
    "log 127.0.0.1:514 local0 info": ("127.0.0.1 514", "local0", "info"),
    "log localhost:5514 local3": ("127.0.0.1 5514", "local3", "info"),
    "log 127.0.0.1 local2 notice": ("127.0.0.1 514", "local2", "notice"),
    "log /dev/log local0": (CHROOT + "/dev/log", "local0", "info"),
    "log /dev/log local2 info": (CHROOT + "/dev/log", "local2", "info"),
}
DROP_INS = [
    ("haproxy.conf", "local2.* /var/log/haproxy.log\n"),
    ("haproxy.conf", "$ModLoad imudp\n$UDPServerRun 514\nlocal2.* /var/log/haproxy.log\n"),
    ("haproxy.conf", '$ModLoad imudp\n$UDPServerAddress 127.0.0.1\n$UDPServerRun 514\n$template F,"%msg%\\n"\n'
                     "local2.=info -/var/log/haproxy.log;F\n"
                     "local2.notice -/var/log/haproxy-status.log;F\nlocal2.* ~\n"),
    ("haproxy.conf", 'module(load="imudp")\ninput(type="imudp" port="514")\nlocal0.* -/var/log/haproxy.log\n& stop\n'),
    ("49-haproxy.conf", f'$AddUnixListenSocket {CHROOT}/dev/log\n:programname, startswith, "haproxy" {{\n'
                        "  /var/log/haproxy.log\n  stop\n}\n"),
    ("keepalived.conf", "$ModLoad imudp\n$UDPServerRun 514\nlocal1.* /var/log/keepalived.log\n& ~\n"),
    ("10-imudp.conf", "# input for haproxy"),
    ("30-haproxy.conf", "local5.* /var/log/other.log\n& stop"),
    ("20-lb.conf", 'if $programname == "haproxy" then {\n  action(type="omfile" file="/var/log/haproxy.log")\n}\n'),
    ("15-far.conf", 'module(load="imudp")\nruleset(name="far") {\n  local3.* /var/log/far.log\n}\n'
                    'input(type="imudp" port="5514" ruleset="far")\n'),
    ("60-all.conf", "local0,local1,local3.* /var/log/lb/all.log\n"),
]  # fmt: skip
_ENTRY = "/var/log/haproxy.log {{\n    daily\n{}}}\n"
ENTRIES = [
    ("haproxy", _ENTRY.format("    rotate 7\n")),
    ("haproxy", _ENTRY.format("    rotate 7\n    missingok\n    postrotate\n        "
                              "/bin/kill -HUP `cat /var/run/syslogd.pid 2> /dev/null` 2> /dev/null || true\n"
                              "    endscript\n")),
    ("haproxy", _ENTRY.format("    rotate 7\n    postrotate\n        /usr/bin/pkill -HUP rsyslogd\n")),
    ("haproxy", _ENTRY.format("    rotte 7\n    missingok\n    compres\n    postrotate\n"
                              "        systemctl restart rsyslog\n    endscript\n")),
    ("haproxy", _ENTRY.format("    weekly\n    size 10M\n    rotate 7\n")),
    ("balancer", _ENTRY.format("    rotate 2\n    postrotate\n        systemctl kill -s HUP rsyslog.service\n"
                               "    endscript\n")),
    ("lb", "/var/log/haproxy.log /var/log/haproxy-status.log /var/log/keepalived.log {\n    rotate 4\n    postrotate\n"
           "        systemctl kill -s HUP rsyslog.service\n    endscript\n}\n"),
    ("other", "/var/log/other.log\n{\n    rotate 3\n    missingok\n}\n"),
    ("all", "/var/log/lb/*.log {\n    rotate 3\n    missingok\n}\n"),
]  # fmt: skip


class Logging(NamedTuple):
    """os: a key of STOCK. log: one of LOGS. drop_ins, entries: of rsyslog and logrotate, by name."""

    os: str
    log: str
    drop_ins: Mapping[str, str]
    entries: Mapping[str, str]

    @property
    def files(self) -> dict[str, str]:
        name, version = self.os.split()
        kind = self.os[0]
        files = {
            "/etc/os-release": f'ID={name}\nVERSION_ID="{version}"\n',
            "/etc/rsyslog.conf": STOCK[self.os],
            "/etc/logrotate.conf": "weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n",
            "/etc/logrotate.d/rsyslog": f"{_EVERYBODYS[kind]}{{\n    missingok\n    sharedscripts\n    postrotate\n"
                                        f"        {_COMMAND[kind]}\n    endscript\n}}\n",
            "/etc/haproxy/haproxy.cfg": f"global\n    {self.log}\n    chroot {CHROOT}\ndefaults\n    mode http\n"
                                        "    log global\n    option httplog\n    timeout connect 5s\n"
                                        "    timeout client 5s\n    timeout server 5s\n"
                                        "frontend web\n    bind :80\n    default_backend b\n"
                                        "backend b\n    server s 10.0.0.1:80\n",
        }  # fmt: skip
        files |= {f"/etc/rsyslog.d/{name}": text for name, text in self.drop_ins.items()}
        return files | {f"/etc/logrotate.d/{name}": text for name, text in self.entries.items()}

    def cluster(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, priority in (("lb1", 150), ("lb2", 100)):
            found |= {name + path: text for path, text in self.files.items()}
            found[f"{name}/etc/keepalived/keepalived.conf"] = (
                f"vrrp_instance VI_1 {{\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n"
                f"    priority {priority}\n    virtual_ipaddress {{\n        192.0.2.10/24\n    }}\n}}\n"
            )
        return found


def _some(values: list[tuple[str, str]], most: int) -> st.SearchStrategy[dict[str, str]]:
    return st.lists(st.sampled_from(values), max_size=most).map(dict)


CASES = st.builds(
    Logging, st.sampled_from(list(STOCK)), st.sampled_from(list(LOGS)), _some(DROP_INS, 3), _some(ENTRIES, 2)
)  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdNode]:
    folder = tmp_path_factory.mktemp("node")
    (folder / "etc").mkdir()
    (folder / "etc/rsyslog.conf").write_text('module(load="imuxsock")\n')
    with SystemdNode(folder) as booted:
        yield booted


def install(node: SystemdNode, folder: Path) -> str:
    """Put the files of rsyslog and logrotate into place of those of the node. What rsyslogd says of them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("rsyslog.conf", "rsyslog.d", "logrotate.conf", "logrotate.d"):
            if (folder / "etc" / name).exists():
                archive.add(folder / "etc" / name, f"etc/{name}")
    text = base64.b64encode(packed.getvalue()).decode()
    done = node.run(
        "systemctl stop rsyslog.service syslog.socket; rm -rf /var/log/* /etc/rsyslog.* /etc/logrotate.* /run/state\n"
        f"mkdir -p /var/lib/rsyslog; rm -rf {CHROOT}; mkdir -p {CHROOT}/dev\n"
        f"base64 -d <<'X' | tar -xzf - -C /\n{text}\nX\n"
        "chown -R root:root /etc/rsyslog.* /etc/logrotate.*\n"
        "systemctl reset-failed rsyslog syslog.socket; systemctl start rsyslog\n"
        "rsyslogd -N1 2>&1"
    )
    return done.stdout


def log(node: SystemdNode, case: Logging) -> list[str]:
    """Send a line as haproxy does. The files that it ends in."""
    place, facility, level = LOGS[case.log]
    if place.startswith(CHROOT) and case.os.startswith("debian"):
        place = "/dev/log"  # which Debian's unit of haproxy binds into the chroot
    text = f"line {next(NUMBERS)};"
    to = f"-n {place.replace(' ', ' -P ')}" if " " in place else f"-u {place}"
    found = node.run(
        f"for try in $(seq 20); do logger -d {to} -p {facility}.{level} -t haproxy --rfc3164 '{text}'; sleep 0.3; "
        f"grep -rl '{text}' /var/log && break; done"
    )
    return sorted(found.stdout.split())


def fixed(case: Logging, folder: Path) -> list[str]:
    """Fix the cluster in `folder`. What is left of lb1, by code."""
    lay_out(folder, case.cluster())
    fix(folder, "LG")
    done = fix(folder, "LG", unsafe=True)
    assert not planned(folder, "LG", unsafe=True).changes
    assert not done.refused, [(refused.finding.code, refused.reason) for refused in done.refused]
    return [f"{f.code} {f.message}" for f in done.remaining.findings if "lb1" in f.location.nodes]


def test_what_is_logged_is_written_and_rotated(node: SystemdNode) -> None:
    whole = 0

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=CASES)
    def check(case: Logging) -> None:
        nonlocal whole
        with tempfile.TemporaryDirectory() as name:
            left = fixed(case, Path(name))
            said = install(node, Path(name, "lb1"))
            shown = "\n".join([*left, *(f"--- {p.relative_to(name)}\n{p.read_text()}"
                                        for p in Path(name, "lb1/etc").rglob("*") if p.is_file()), said])  # fmt: skip
        whole += not left
        codes = {finding.partition(" ")[0] for finding in left}
        paths = log(node, case)
        assert paths or codes & {"LG102", "LG103", "LG105"}, shown
        assert all("error" not in line or "imjournal" in line for line in said.splitlines()) or codes, shown
        rotated = node.run("logrotate -f -s /run/state /etc/logrotate.conf")
        assert rotated.returncode == 0 or codes, rotated.stderr + shown
        old = set(node.run("ls -d /var/log/* /var/log/*/*").stdout.split())
        if not codes & {"LG113", "LG106", "LG114"}:
            own = [path for path in paths if "haproxy" in path or "lb" in path]
            assert all(any(other.startswith((path + ".", path + "-")) for other in old) for path in own), shown
            end = time.monotonic() + 10  # rsyslogd takes a moment to see the signal
            while not set(own) <= set(after := log(node, case)):
                assert time.monotonic() < end, (own, after, shown)

    check()
    assert whole > 20
