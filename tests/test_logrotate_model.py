"""The model of logrotate, and which scripts reach rsyslogd; against logrotate 3.21 itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from halint.models import logrotate
from halint.models.hangup import signals_rsyslog
from halint.models.logrotate import Logrotate
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

MAIN = "/etc/logrotate.conf"
FOLDER = "/etc/logrotate.d/"


def model(files: dict[str, str], os: str | None = None) -> Logrotate:
    sources = {path: Source(path, text, format=formats.of_path(path)) for path, text in files.items()}
    return logrotate.read(Node("lb1", "/lb1", sources, Targets(os=os)))


def test_entries_in_the_order_of_reading_with_their_options() -> None:
    made = model(
        {
            MAIN: "weekly\nrotate 4\ninclude /etc/logrotate.d\ncopytruncate\n/var/log/last { \n nocopytruncate\n}\n",
            FOLDER + "b": "/var/log/b1 /var/log/b2 {\n rotate 7\n}\n",
            FOLDER + "a": "/var/log/a {\n}\n",
            FOLDER + "c.rpmsave": "/var/log/c {\n}\n",
            FOLDER + "sub/d": "/var/log/d {\n}\n",
        }
    )
    assert [[p.text for p in e.patterns] for e in made.entries] == [
        ["/var/log/a"], ["/var/log/b1", "/var/log/b2"], ["/var/log/last"],
    ]  # fmt: skip
    a, b, last = made.entries
    assert a.options["rotate"].words[1].text == "4"
    assert b.options["rotate"].words[1].text == "7"
    assert b.path == FOLDER + "b"
    assert not a.in_place
    assert not last.in_place


def test_covering_and_what_rotates() -> None:
    made = model({MAIN: "/var/log/haproxy*.log {\n}\n/var/log/haproxy.log {\n}\n"})
    assert len(made.covering("/var/log/haproxy.log")) == 2
    assert made.rotates("/var/log/haproxy-status.log") is True
    assert made.rotates("/var/log/lb/haproxy.log") is False
    assert made.rotates("/var/log/messages") is False
    drop_ins = model({FOLDER + "lb": "/var/log/lb.log {\n}\n"})
    assert drop_ins.rotates("/var/log/messages") is True
    assert drop_ins.rotates("/var/log/haproxy.log") is True
    assert model({FOLDER + "haproxy": "/var/log/lb.log {\n}\n"}).rotates("/var/log/haproxy.log") is False
    assert model({}).rotates("/var/log/lb.log") is None
    assert model({MAIN: "/var/log/a.log {\n}\n}\n"}).rotates("/var/log/lb.log") is None
    assert (
        model({MAIN: "tabooext + .lb\ninclude /etc/logrotate.d\n", FOLDER + "x.lb": "/a {\n}\n"}).rotates("/a") is False
    )
    assert (
        model({MAIN: "tabooext .lb\ninclude /etc/logrotate.d\n", FOLDER + "x.bak": "/a {\n}\n"}).rotates("/a") is True
    )


def test_the_last_word_counts() -> None:
    entry = model(
        {
            MAIN: "daily\nnotifempty\nsize 5M\n/a {\n weekly\n ifempty\n renamecopy\n copytruncate\n nomail\n"
            " include /etc/more\n su a b\n}\n",
            "/etc/more": "missingok\nmonthly\n/b {\n}\n",
        }
    ).entries[0]
    kept = [*entry.options]
    assert kept == ["ifempty", "copytruncate", "nomail", "missingok", "monthly", "su"]
    assert entry.in_place
    assert not entry.several
    assert model({MAIN: "/a /b {\n copy\n}\n"}).entries[0].several
    assert model({MAIN: "/*.log {\n copy\n}\n"}).entries[0].in_place


def test_what_a_folder_leaves_out() -> None:
    names = ["a", ".b", ".c.bak", "d.bak", "e.rhn-cfg-tmp-1", "f~", "g,v", "h.lb", "tmp-i"]
    files = {FOLDER + name: f"/{name} {{\n}}\n" for name in names}

    def read(main: str) -> list[str]:
        entries = model({MAIN: main + "include /etc/logrotate.d\n", **files}).entries
        return [entry.patterns[0].text.removeprefix("/") for entry in entries]

    assert read("") == [".b", ".c.bak", "a", "h.lb", "tmp-i"]
    assert read("tabooext + .lb\n") == [".b", ".c.bak", "a", "tmp-i"]
    assert read("taboopat + tmp-*\n") == [".b", ".c.bak", "a", "h.lb"]
    assert read("taboopat tmp-*, .?\n") == [".c.bak", "a", "d.bak", "e.rhn-cfg-tmp-1", "f~", "g,v", "h.lb"]
    assert read("tabooext .l?,.bak\n") == [".b", ".c.bak", "a", "e.rhn-cfg-tmp-1", "f~", "g,v", "tmp-i"]
    assert read("tabooext\n") == [".b", ".c.bak", "a", "h.lb", "tmp-i"]


@pytest.mark.daemons
@pytest.mark.skipif(not shutil.which("logrotate"), reason="needs logrotate")
def test_logrotate_leaves_out_the_same(tmp_path: Path) -> None:
    names = ["a", ".b", ".c.bak", "d.bak", "e.rhn-cfg-tmp-1", "f~", "g,v", "h.lb", "tmp-i"]
    (tmp_path / "d").mkdir()
    for name in names:
        (tmp_path / "d" / name).write_text("daily\n")
        (tmp_path / "d" / name).chmod(0o644)

    def read(main: str) -> list[str]:
        path = tmp_path / "logrotate.conf"
        path.write_text(f"{main}include {tmp_path}/d\n")
        path.chmod(0o644)
        done = subprocess.run(
            ["logrotate", "-d", "-s", tmp_path / "state", path],
            capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        lines = [line.removeprefix("reading config file ") for line in done.stderr.splitlines() if "reading" in line]
        return [line for line in lines if "/" not in line]

    assert read("") == [".b", ".c.bak", "a", "h.lb", "tmp-i"]
    assert read("taboopat + tmp-*\n") == [".b", ".c.bak", "a", "h.lb"]
    assert read("taboopat tmp-*, .?\n") == [".c.bak", "a", "d.bak", "e.rhn-cfg-tmp-1", "f~", "g,v", "h.lb"]
    assert read("tabooext .l?,.bak\n") == [".b", ".c.bak", "a", "e.rhn-cfg-tmp-1", "f~", "g,v", "tmp-i"]
    assert read("tabooext\n") == [".b", ".c.bak", "a", "h.lb", "tmp-i"]


def test_an_entry_with_an_error_is_refused() -> None:
    text = "/a {\n rotate x\n}\n/b {\n postrotate\n x\n}\n/c {\n}\n/a {\n}\n/b {\n}\n/c {\n}\n"
    made = model({MAIN: text})
    assert [entry.refused for entry in made.entries] == [True, True, False, False, False, False]
    assert [duplicate.path for duplicate in made.duplicates()] == ["/c"]


def test_a_keyword_is_known_by_version() -> None:
    files = {MAIN: "ignoreduplicates\n/a {\n}\n/a {\n}\n"}
    assert model(files, "debian12").duplicates() == []
    assert model(files, "el9").duplicates() == []
    assert len(model(files, "debian11").duplicates()) == 1
    assert model(files, "debian11").knows("rotate")
    assert not model(files).knows("rotat")


def test_includes_end() -> None:
    files = {FOLDER + str(n): "include /etc/logrotate.d\n/var/log/x {\n}\n" for n in range(30)}
    assert len(model({MAIN: "include /etc/logrotate.conf\ninclude /etc/logrotate.d\n", **files}).entries) == 30


# Files of an included folder, with what logrotate 3.21 refuses as a duplicate: the line of the entry and the log file.
DUPLICATES = [
    ({"a": "T/a.log {\n}\n", "b": "T/a.log T/b.log {\n}\nT/c.log {\n}\n"}, ["b:1 a.log"]),
    ({"a": "T/a.log {\n}\n", "b": "T/d.log {\n}\nT/*.log {\n}\n"}, ["b:3 a.log"]),
    ({"a": "T/*.log {\n}\n", "b": "T/b.log {\n}\n"}, ["b:1 b.log"]),
    ({"a": "T/a.log T/*.log {\n ignoreduplicates\n}\n"}, ["a:1 a.log"]),
    ({"a": "ignoreduplicates\nT/a.log T/*.log {\n}\n"}, []),
    ({"a": "T/*.log {\n}\n", "b": "T/?.log {\n}\n"}, ["b:1 a.log"]),
    ({"a": "T/a.log T/a.log {\n}\n"}, ["a:1 a.log"]),
    ({"a": "T/a.log {\n ignoreduplicates\n}\n", "b": "T/a.log {\n}\n"}, []),
    ({"a": "T/a.log {\n}\n", "b": "T/a.log {\n ignoreduplicates\n}\n"}, ["b:1 a.log"]),
    ({"a": "ignoreduplicates\nT/a.log {\n}\n", "b": "T/a.log {\n}\n"}, []),
    ({"a": "T/a.log {\n}\n", "b.bak": "T/a.log {\n}\n", "c": "T/[bc].log {\n}\n"}, []),
    ({"a": "T/a.log {\n}\n", "b": "'T/a.log' {\n}\n"}, ["b:1 a.log"]),
    ({"a": "T/a.log {\n postrotate\n}\nT/a.log {\n endscript\n}\n", "b": "# T/a.log {\n"}, []),
]  # fmt: skip
LOGS = ("a.log", "b.log", "c.log", "d.log")


@pytest.mark.parametrize(("files", "expected"), DUPLICATES)
def test_duplicates(files: dict[str, str], expected: list[str]) -> None:
    made = model({FOLDER + name: text.replace("T/", "/log/") for name, text in files.items()})
    found = []
    for duplicate in made.duplicates([f"/log/{log}" for log in LOGS]):
        line, _ = duplicate.word.source.position(duplicate.word.start)
        found.append(f"{duplicate.entry.path.removeprefix(FOLDER)}:{line} {duplicate.path.removeprefix('/log/')}")
    assert found == expected


@pytest.mark.daemons
@pytest.mark.skipif(not shutil.which("logrotate"), reason="needs logrotate")
@pytest.mark.parametrize(("files", "expected"), DUPLICATES)
def test_logrotate_refuses_the_same(files: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for log in LOGS:
        (tmp_path / log).touch()
    for name, text in files.items():
        (tmp_path / "d" / name).write_text(text.replace("T/", f"{tmp_path}/"))
    main = tmp_path / "logrotate.conf"
    main.write_text(f"include {tmp_path}/d\n")
    for file in (main, *(tmp_path / "d").iterdir()):
        file.chmod(0o644)
    said = subprocess.run(
        ["logrotate", "-d", "-s", tmp_path / "state", main], capture_output=True, text=True, check=False
    )
    lines = [
        line.removeprefix("error: ")
        for line in said.stderr.splitlines()
        if ": duplicate log" in line.replace(" d", ": d")
    ]
    found = [
        line.replace(" duplicate log entry for", "").replace(f"{tmp_path}/", "")
        for line in lines
        if line[:6] != "ignore"
    ]
    assert [line for line in found if "ignore" not in line] == expected


@pytest.mark.parametrize(
    ("script", "os", "expected"),
    [
        ("/bin/kill -HUP `cat /var/run/syslogd.pid 2> /dev/null` 2> /dev/null || true", "el7", True),
        ("/usr/bin/kill -HUP $(cat /run/rsyslogd.pid)", "el8", True),
        ("/usr/bin/kill -HUP $(cat /run/rsyslogd.pid)", "debian12", False),
        ("/usr/bin/kill -HUP $(cat /run/rsyslogd.pid)", "debian", None),
        ("/usr/bin/systemctl kill -s HUP rsyslog.service >/dev/null 2>&1 || true", "el9", True),
        ("/usr/bin/systemctl -s HUP kill rsyslog.service", "el9", True),
        ("systemctl kill --signal=SIGHUP rsyslog", None, True),
        ("systemctl kill rsyslog", None, None),
        ("systemctl kill -s HUP haproxy.service", None, False),
        ("/usr/lib/rsyslog/rsyslog-rotate", "debian12", True),
        ("[ ! -x /usr/lib/rsyslog/rsyslog-rotate ] || /usr/lib/rsyslog/rsyslog-rotate", "debian12", True),
        ("/usr/lib/rsyslog/rsyslog-rotate", "el8", False),
        ("/usr/lib/rsyslog/rsyslog-rotate", None, True),
        ("invoke-rc.d rsyslog rotate > /dev/null", "debian11", None),
        ("service rsyslog rotate >/dev/null 2>&1 || true", "debian12", False),
        ("service rsyslog rotate >/dev/null 2>&1 || true", None, None),
        ("/etc/init.d/rsyslog rotate", "debian11", None),
        ("/etc/init.d/rsyslog restart", "el7", False),
        ("service rsyslog rotate >/dev/null 2>&1 || true", "el7", False),
        ("service rsyslog restart", "el7", True),
        ("systemctl restart rsyslog", "el8", True),
        ("systemctl try-restart rsyslog.service", "el8", True),
        ("systemctl reload-or-restart rsyslog", "debian12", True),
        ("systemctl reload rsyslog", "debian12", False),
        ("systemctl reload rsyslog.service", "el7", False),
        ("systemctl reload rsyslog", "el9", None),
        ("systemctl reload rsyslog", None, None),
        ("systemctl restart rsyslogd", None, False),
        ("service rsyslogd restart", None, False),
        ("reload rsyslog >/dev/null 2>&1 || true", None, False),
        ("pkill -HUP rsyslogd", None, True),
        ("pkill -1 syslog", None, True),
        ("pkill -HUP -x rsyslog", None, False),
        ("pkill -HUP 'r?syslogd'", None, None),
        ("kill -HUP `pgrep -f /usr/sbin/rsyslogd`", None, None),
        ("systemctl condrestart rsyslog", "el7", True),
        ("killall -HUP rsyslogd || :", None, True),
        ("killall -HUP haproxy", None, False),
        ("kill -HUP $(pidof rsyslogd)", "debian12", True),
        ("kill -HUP $(cat /run/haproxy.pid)", None, False),
        ("# systemctl kill -s HUP rsyslog", None, False),
        ("", None, False),
        ("systemctl reload haproxy\n/usr/local/bin/upload", None, None),
        ("/usr/local/bin/upload\npkill -HUP rsyslogd", None, True),
        ("if [ -d /run/systemd/system ]; then\n  systemctl kill -s HUP rsyslog.service\nfi", None, True),
        ("systemctl kill \\\n  -s HUP rsyslog.service", None, True),
        ("pid=$(cat /run/rsyslogd.pid)\nkill -HUP $pid", "el8", None),
    ],
)
def test_signals_rsyslog(script: str, os: str | None, expected: bool | None) -> None:
    assert signals_rsyslog(script, Targets(os=os)) is expected


def test_an_entry_signals_by_postrotate_or_lastaction() -> None:
    def entry(text: str) -> bool | None:
        return model({MAIN: "/a {\n" + text + "}\n"}).entries[0].signals_rsyslog

    assert entry("postrotate\npkill -HUP rsyslogd\nendscript\n") is True
    assert entry("lastaction\npkill -HUP rsyslogd\nendscript\n") is True
    assert entry("prerotate\npkill -HUP rsyslogd\nendscript\n") is False
    assert entry("daily\n") is False
    assert entry("postrotate\n/opt/x\nendscript\n") is None
