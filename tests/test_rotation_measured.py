"""What is known of logrotate by measurement, measured again with logrotate 3.21 -f and rsyslogd, in folders of
their own, and what halint makes of the same files."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint.models import logrotate
from halint.models.logrotate import Logrotate
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

pytestmark = [
    pytest.mark.daemons,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("logrotate") or not shutil.which("rsyslogd"),
        reason="needs root, logrotate and rsyslogd",
    ),
]
FOLDER = "/etc/logrotate.d/"


class Place:
    """A folder with log files, log/, and logrotate's, d/."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("log", "d"):
            (path / name).mkdir()
            (path / name).chmod(0o755)

    def rotate(self, files: dict[str, str], *, modes: dict[str, int] | None = None) -> tuple[int, str]:
        """The exit status of `logrotate -f` over `files`, and what it says. `T/` is the folder of the log files."""
        for name, text in files.items():
            file = self.path / "d" / name
            file.write_text(text.replace("T/", f"{self.path}/log/"))
            file.chmod((modes or {}).get(name, 0o644))
        main = self.path / "logrotate.conf"
        main.write_text(f"rotate 3\ninclude {self.path}/d\n")
        main.chmod(0o644)
        command = ["logrotate", "-f", "-s", str(self.path / "state"), str(main)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def logs(self, *names: str) -> None:
        for name in names:
            (self.path / "log" / name).write_text("x\n")

    @property
    def rotated(self) -> list[str]:
        """The log files that were rotated."""
        return sorted(file.name.removesuffix(".1") for file in (self.path / "log").glob("*.1"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def model(files: dict[str, str]) -> Logrotate:
    sources = {
        FOLDER + name: Source(name, text.replace("T/", "/log/"), format=formats.of_path(FOLDER + name))
        for name, text in files.items()
    }
    return logrotate.read(Node("lb1", "/lb1", sources, Targets()))


def test_the_rest_of_a_list_with_a_duplicate_is_rotated(place: Place) -> None:
    files = {"a": "T/haproxy.log {\n}\n", "b-lb": "T/haproxy.log T/keepalived.log {\n}\n"}
    place.logs("haproxy.log", "keepalived.log")
    status, said = place.rotate(files)
    assert status == 1
    assert "b-lb:1 duplicate log entry for" in said
    assert "found error in file b-lb, skipping" in said
    assert place.rotated == ["haproxy.log", "keepalived.log"]
    (duplicate,) = model(files).duplicates()
    assert duplicate.word.text == "/log/haproxy.log"


def test_the_rest_of_a_wildcard_with_a_duplicate_is_not(place: Place) -> None:
    files = {"a": "T/haproxy.log {\n}\n", "b-lb": "T/*.log {\n}\n"}
    place.logs("haproxy.log", "keepalived.log")
    status, said = place.rotate(files)
    assert status == 1
    assert "duplicate log entry" in said
    assert place.rotated == ["haproxy.log"]
    (duplicate,) = model(files).duplicates()
    assert duplicate.word.text == "/log/*.log"


def test_the_other_entries_of_a_file_with_a_duplicate_are_rotated(place: Place) -> None:
    for pattern in ("T/haproxy.log", "T/hap*.log"):
        place.logs("above.log", "haproxy.log", "below.log")
        files = {"a": "T/haproxy.log {\n}\n", "b-lb": f"T/above.log {{\n}}\n{pattern} {{\n}}\nT/below.log {{\n}}\n"}
        assert place.rotate(files)[0] == 1
        assert place.rotated == ["above.log", "below.log", "haproxy.log"]
        (duplicate,) = model(files).duplicates()
        assert duplicate.path == "/log/haproxy.log"


def test_a_wildcard_meets_only_what_is_there(place: Place) -> None:
    files = {"a": "T/haproxy*.log {\n missingok\n}\n", "b-lb": "T/*.log {\n}\n"}
    place.logs("keepalived.log")
    assert place.rotate(files) == (0, "")
    assert model(files).duplicates(["/log/keepalived.log"]) == []
    place.logs("haproxy.log")
    assert place.rotate(files)[0] == 1
    assert len(model(files).duplicates(["/log/keepalived.log", "/log/haproxy.log"])) == 1


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_that_others_may_write_is_passed_over(mode: int, place: Place) -> None:
    place.logs("haproxy.log", "keepalived.log")
    files = {"a": "T/haproxy.log {\n}\n", "b": "T/keepalived.log {\n}\n"}
    status, said = place.rotate(files, modes={"a": mode})
    assert status == 0
    assert "Ignoring a because it is writable by group or others." in said
    assert place.rotated == ["keepalived.log"]


def test_copies_are_left_out_and_any_other_name_is_read(place: Place) -> None:
    names = {"a.rpmsave": False, "b.bak": False, "c.conf": True, "d.dpkg-old": False, "e": True, "f.old": True}
    files = {name: f"T/{name[0]}.log {{\n}}\n" for name in names}
    place.logs(*(f"{name[0]}.log" for name in names))
    assert place.rotate(files)[0] == 0
    assert place.rotated == [f"{name[0]}.log" for name, read in names.items() if read]
    assert [entry.patterns[0].text for entry in model(files).entries] == [
        f"/log/{name[0]}.log" for name, read in names.items() if read
    ]


def test_an_unknown_keyword_is_ignored(place: Place) -> None:
    files = {"a": "T/haproxy.log {\n dayly\n}\n"}
    place.logs("haproxy.log")
    status, said = place.rotate(files)
    assert status == 0
    assert "a:2 unknown option 'dayly' -- ignoring line" in said
    assert place.rotated == ["haproxy.log"]
    assert [statement.keyword for statement in model(files).unknown] == ["dayly"]


def test_a_script_without_end_drops_its_entry_and_those_below(place: Place) -> None:
    files = {
        "a": "T/a.log {\n}\nT/b.log {\n postrotate\n true\n}\nT/c.log {\n}\n",
        "b": "T/d.log {\n}\n",
    }
    place.logs("a.log", "b.log", "c.log", "d.log")
    status, said = place.rotate(files)
    assert status == 1
    assert "prerotate, postrotate or preremove without endscript" in said
    assert place.rotated == ["a.log", "d.log"]
    (script,) = model(files).scripts_without_end
    assert script.keyword == "postrotate"


def test_an_entry_that_a_script_swallows_is_never_rotated(place: Place) -> None:
    files = {"a": "T/a.log {\n postrotate\n true\n}\n# b\n\nT/b.log {\n postrotate\n true\n endscript\n}\n"}
    place.logs("a.log", "b.log")
    _, said = place.rotate(files)
    assert "endscript" not in said
    assert place.rotated == ["a.log"]
    made = model(files)
    ((script, end),) = made.scripts_over_entries
    assert script.keyword == "postrotate"
    assert script.source.position(end) == (4, 1)
    assert made.rotates("/log/b.log") is None


def test_a_folder_of_others_needs_su(place: Place) -> None:
    folder = place.path / "log"
    place.logs("haproxy.log")
    shutil.chown(folder, group="adm")
    folder.chmod(0o775)
    status, said = place.rotate({"a": "T/haproxy.log {\n}\n"})
    assert status == 1
    assert "insecure permissions" in said
    assert place.rotated == []
    assert place.rotate({"a": "T/haproxy.log {\n su root adm\n}\n"}) == (0, "")
    assert place.rotated == ["haproxy.log"]


def test_the_last_of_size_and_period_counts(place: Place) -> None:
    def criterion(options: str) -> str:
        main = place.path / "c.conf"
        main.write_text(f"{place.path}/log/a.log {{\n{options}}}\n")
        main.chmod(0o644)
        command = ["logrotate", "-d", "-s", str(place.path / "state"), str(main)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
        (line,) = (line for line in said.splitlines() if line.startswith("rotating pattern"))
        return line.partition(".log ")[2].partition("(")[0].strip()

    assert criterion("daily\nsize 1G\n") == "1073741824 bytes"
    assert criterion("size 1G\ndaily\n") == "after 1 days"
    assert criterion("daily\nmaxsize 1G\n").startswith("after 1 days")
    assert criterion("dayly\n") == "1048576 bytes"


def test_without_missingok_a_missing_file_is_an_error(place: Place) -> None:
    for name in ("haproxy.log", "hap*.log"):
        status, said = place.rotate({"a": f"T/{name} {{\n}}\n"})
        assert status == 1
        assert "No such file or directory" in said
        assert place.rotate({"a": f"T/{name} {{\n missingok\n}}\n"}) == (0, "")


def test_without_rotate_nothing_is_kept(place: Place) -> None:
    for option, kept in (("", []), ("rotate 0", []), ("rotate 1", ["haproxy.log.1"])):
        place.logs("haproxy.log")
        main = place.path / "haproxy"
        main.write_text(f"{place.path}/log/haproxy.log {{\n{option}\n}}\n")
        main.chmod(0o644)
        subprocess.run(["logrotate", "-f", "-s", place.path / "state", main], check=True)
        assert os.listdir(place.path / "log") == kept


def test_a_script_runs_for_each_file_unless_it_is_shared(place: Place) -> None:
    runs = place.path / "runs"
    for option, expected in (("", 2), (" sharedscripts\n", 1)):
        place.logs("a.log", "b.log")
        runs.write_text("")
        place.rotate({"a": f"T/a.log T/b.log {{\n{option} postrotate\n echo x >> {runs}\n endscript\n}}\n"})
        assert len(runs.read_text().splitlines()) == expected


EXISTING = ["a.log", "b.log", "c.log", ".d.log"]
PATTERNS = st.sampled_from(
    ["T/a.log", "T/b.log", "T/c.log", "T/*.log", "T/[ab].log", "T/[!a]*.log", "T/[^b]*", "T/.*.log"]
)
OPTIONS = st.sampled_from(
    ["", "missingok", "ignoreduplicates", "copy", "rotate x", "dayly", "size 1k", "include D/o.bak"]
)
ENTRIES = st.builds(
    "{} {{\n{}\n}}\n".format,
    st.lists(PATTERNS, min_size=1, max_size=3).map(" ".join),
    st.lists(OPTIONS, max_size=2).map("\n".join),
)
FILES = st.dictionaries(
    st.sampled_from(["a", "b.conf", "c.bak", "d~", ".e", "f"]),
    st.lists(ENTRIES, min_size=1, max_size=3).map("".join),
    min_size=1, max_size=3,
)  # fmt: skip


def rotated_by_model(files: dict[str, str]) -> list[str]:
    """The log files that the model has rotated: those that some pattern has before a duplicate ends it."""
    made = model({name: text.replace("D/", FOLDER) for name, text in files.items()})
    logs = {f"/log/{name}": name for name in EXISTING}
    duplicates = made.duplicates(logs)
    found = []
    for path, name in logs.items():
        patterns = [p for entry in made.covering(path) for p in entry.patterns if logrotate.matches(p.text, path)]
        if any(all(d.word is not pattern or d.path > path for d in duplicates) for pattern in patterns):
            found.append(name)
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(files=FILES)
def test_what_is_rotated_of_drawn_files(files: dict[str, str]) -> None:
    files["o.bak"] = "daily\n"
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.logs(*EXISTING)
        place.rotate({name: text.replace("D/", f"{folder}/d/") for name, text in files.items()})
        there = os.listdir(place.path / "log")
    assert sorted(n.removesuffix(".1") for n in there if n.endswith(".1")) == rotated_by_model(files)


@contextmanager
def running(place: Place, rules: str) -> Iterator[None]:
    """rsyslogd with these rules for what comes on the socket `dev`."""
    config = place.path / "rsyslog.conf"
    config.write_text(
        f'module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="{place.path}/dev")\n{rules}'
    )
    process = subprocess.Popen(
        ["rsyslogd", "-n", "-f", str(config), "-i", str(place.path / "pid")], stderr=subprocess.DEVNULL
    )
    try:
        wait(lambda: (place.path / "dev").exists())
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@pytest.fixture
def rsyslogd(place: Place) -> Iterator[Place]:
    """rsyslogd that writes what comes on the socket `dev` to log/haproxy.log."""
    with running(place, f"*.* {place.path}/log/haproxy.log\n"):
        yield place


def wait(until: object) -> None:
    assert callable(until)
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def log(place: Place, text: str) -> None:
    """Log `text`, and wait until it is in some file."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
        unix.sendto(f"<134>haproxy[1]: {text}".encode(), str(place.path / "dev"))
    wait(lambda: any(text in file.read_text() for file in (place.path / "log").iterdir()))


@pytest.mark.parametrize(("signals", "first", "second"), [(False, "haproxy.log.1", 0), (True, "haproxy.log", 1)])
def test_without_a_signal_rsyslogd_writes_on_into_the_old_file(
    signals: bool, first: str, second: int, rsyslogd: Place
) -> None:
    log(rsyslogd, "before")
    hup = f" postrotate\n kill -HUP $(cat {rsyslogd.path}/pid)\n sleep 0.5\n endscript\n" if signals else ""
    assert rsyslogd.rotate({"a": f"T/haproxy.log {{\n create\n{hup}}}\n"}) == (0, "")
    log(rsyslogd, "after")
    folder = rsyslogd.path / "log"
    assert "after" in (folder / first).read_text()
    assert (folder / "haproxy.log").read_text().count("after") == second


def test_copied_and_emptied_a_file_is_written_on(rsyslogd: Place) -> None:
    log(rsyslogd, "before")
    files = {"a": "T/haproxy.log {\n copytruncate\n}\n"}
    assert rsyslogd.rotate(files) == (0, "")
    log(rsyslogd, "after")
    text = (rsyslogd.path / "log" / "haproxy.log").read_bytes()
    assert b"after" in text
    assert b"before" not in text
    assert b"\0" not in text
    assert model(files).entries[0].in_place


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("*.* {}", True),
        ("$CreateDirs off\n*.* {}", False),
        ("$CreateDirs off\n$CreateDirs on\n*.* {}", True),
        ('$CreateDirs off\n*.* action(type="omfile" file="{}")', True),
        ('*.* action(type="omfile" file="{}" createDirs="off")', False),
    ],
)
def test_rsyslogd_makes_folders_unless_told_not_to(rule: str, made: bool, place: Place) -> None:
    file = place.path / "lb" / "haproxy.log"
    with running(place, f"{rule.format(file)}\n*.* {place.path}/log/all.log\n"):
        log(place, "text")
    assert file.exists() is made
    text = 'module(load="imuxsock")\n' + rule.format("/data/lb/haproxy.log") + "\n"
    source = Source("rsyslog.conf", text, format="rsyslog")
    node = Node("lb1", "/lb1", {"/etc/rsyslog.conf": source}, Targets())
    assert ("/data/lb/haproxy.log" not in node.rsyslog.without_folders) is made
