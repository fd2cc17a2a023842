"""What halint says of logrotate's files against `logrotate -d` of Debian 12 (3.21), both ways.

logrotate is silent and ends with 0 (ACCEPTED), ends with 1 (REFUSED), or says "error:" and ends with 0 all the same
(COMPLAINED): it ignores a keyword that it does not know, a value that is missing, and what stands behind a `}`.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halint.models import logrotate
from halint.node import Node
from halint.patterns.logrotate_table import GLOBAL, TAKES
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

FOLDER = "/etc/logrotate.d/"
LOGS = ("a.log", "b.log", "c d.log")

ACCEPTED = [
    "T/a.log { daily }\n",
    "T/a.log { daily missingok # x\n rotate 7\n}\n",
    "T/a.log { # x\n daily\n}\n",
    "T/a.log { postrotate\n true\n endscript }\n",
    "T/a.log\n# x\n\nT/b.log\n{\n}\n",
    "T/a.log {\n daily\n",
    "T/a.log {\n daily\n postrotate\n true\nendscript",
    "T/a.log {\n postrotate\n true\n endscript;\n}\n",
    "T/a.log {\n postrotate\n true\n endscript}\n",
    "T/a.log {\n postrotate\n true\n # endscript\n endscript\n}\n",
    "postrotate\n true\nendscript\nT/a.log {\n}\n",
    "weekly\r\nrotate 2\r\n",
    "# x\r\nweekly\r\n",
    "rotate 7",
    "weekly 3",
    "rotate = 3\nsize=10k\n",
    "T/a.log {\n rotate -1\n}\n",
    "T/a.log {\n rotate +0x4\n maxage 010\n size 5G\n}\n",
    "T/a.log {\n size k\n}\n",
    "T/a.log {\n create\n createolddir\n}\n",
    "T/a.log {\n create root adm\n}\n",
    "T/a.log {\n create 0640 root adm\n su root adm\n}\n",
    "T/a.log {\n weekly 7\n}\n",
    "T/a.log {\n compressoptions \"-9\n}\n",
    "T/\"a\".log {\n}\n",
    "'T/c d.log' \"T/b.log\" T/a.lo[g] {\n}\n",
    "T/c\\ d.log {\n}\n",
    "T/a.log T/no*.log {\n missingok\n}\n",
    "include T/more\n",
    "T/a.log {\n include T/options\n}\n",
]  # fmt: skip

COMPLAINED = [
    "dayly\nT/a.log {\n}\n",
    "T/a.log {\n rotat 3\n}\n",
    "T/a.log {\n Daily\n}\n",
    "T/a.log {\n foo }\n daily\n}\n",
    "daily x\n",
    "T/a.log {\n postrotate\n true\n endscript x\n}\n",
    *(f"T/a.log {{\n {keyword}\n daily\n}}\n" for keyword in ("size", "minsize", "maxsize", "dateformat")),
    "tabooext\n",
    "T/a.log {\n daily\n} x\n",
]  # fmt: skip

REFUSED = [
    "daily",
    "T/a.log {\n rotate 3 }\n",
    "T/a.log {\n weekly }\n",
    "T/a.log {\n rotate 7 # weeks\n}\n",
    "T/a.log {\n rotate7\n}\n",
    "T/a.log {\n daily;\n}\n",
    "T/a.log {\n foo_bar 1\n}\n",
    "T/a.log {\n daily 7\n}\n",
    "T/a.log {\n daily=7\n}\n",
    "T/a.log {\n -x\n}\n",
    "T/a.log {\r\n daily\r\n}\r\n",
    "weekly\r\n\r\nrotate 3\r\n",
    "T/a.log {\n postrotate\n true\n}\n",
    "postrotate\n true\n",
    "rotate x\n",
    "T/a.log {\n rotate 08\n}\n",
    "T/a.log {\n rotate -2\n}\n",
    "T/a.log {\n maxage 1.5\n}\n",
    "T/a.log {\n maxage -1\n}\n",
    "T/a.log {\n size 10kb\n}\n",
    "T/a.log {\n size 10m\n}\n",
    "T/a.log {\n size -5\n}\n",
    "T/a.log {\n weekly 9\n}\n",
    "T/a.log {\n weekly mon\n}\n",
    "T/a.log {\n create 0999 root adm\n}\n",
    "T/a.log {\n create 0640 root adm x\n}\n",
    "T/a.log {\n su root\n}\n",
    "T/a.log {\n su root adm x\n}\n",
    "T/a.log {\n olddir a b\n}\n",
    "T/a.log {\n mail a b\n}\n",
    "T/a.log {\n tabooext .x\n}\n",
    *(
        f"T/a.log {{\n {keyword}\n daily\n}}\n"
        for keyword in (
            "rotate", "shredcycles", "start", "minage", "maxage", "mail", "olddir", "extension", "addextension",
            "compresscmd", "uncompresscmd", "compressoptions", "compressext", "su", "include",
        )
    ),
    "T/a.log {\n daily\nT/b.log {\n}\n",
    "\"T/a{b.log\" {\n}\n",
    "T/a.log\n}\n",
    "T/a.log\n",
    "{\n}\n",
    "weekly\n}\n",
    "T/a.log {\n}\n}\n",
    "T/a.log T/a.log {\n}\n",
    "T/a.log {\n}\nT/*.log {\n}\n",
]  # fmt: skip


def faults(text: str) -> list[str]:
    """What halint finds in an included file of this text: errors in what is written, scripts without an end,
    duplicates, and keywords that logrotate does not know."""
    source = Source("x", text.replace("T/", "/log/"), format=formats.of_path(FOLDER + "x"))
    more = Source("more", "/log/b.log {\n}\n", format="logrotate")
    options = Source("options", "daily\n", format="logrotate")
    node = Node("lb1", "/lb1", {FOLDER + "x": source, "/log/more": more, "/log/options": options}, Targets())
    model = logrotate.read(node)
    found = [problem.message for problem in node.tree(source).problems]
    for statement in node.tree(source).walk():
        if not statement.closed and statement.body is None:
            found.append("endscript")
        if statement.body is None and not model.knows(statement.keyword):
            found.append("unknown")
    return found + ["duplicate" for _ in model.duplicates(f"/log/{log}" for log in LOGS)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logrotate")
    for log in LOGS:
        (folder / log).touch()
    (folder / "more").write_text(f"{folder}/b.log {{\n}}\n")
    (folder / "options").write_text("daily\n")
    for name in ("more", "options"):
        (folder / name).chmod(0o644)
    return folder


def verdict(place: Path, text: str) -> str:
    """What logrotate says of a file of this text; T stands for the folder of the log files."""
    main = place / "logrotate.conf"
    main.write_bytes(text.replace("T/", f"{place}/").encode())
    main.chmod(0o644)
    said = subprocess.run(
        ["logrotate", "-d", "-s", place / "state", main], capture_output=True, text=True, errors="replace", check=False
    )
    if said.returncode:
        return "refused"
    return "complained" if "error:" in said.stderr else "accepted"


@pytest.mark.parametrize("text", ACCEPTED)
def test_nothing_is_said_of_what_logrotate_accepts(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize("text", REFUSED)
def test_something_is_said_of_what_logrotate_refuses(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize("text", COMPLAINED[:-1])
def test_something_is_said_where_logrotate_goes_on_without(text: str) -> None:
    assert faults(text)


oracle = pytest.mark.skipif(not shutil.which("logrotate"), reason="needs logrotate")


@pytest.mark.daemons
@oracle
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "accepted") for text in ACCEPTED),
        *((text, "complained") for text in COMPLAINED),
        *((text, "refused") for text in REFUSED),
    ],
)
def test_these_are_its_verdicts(text: str, expected: str, place: Path) -> None:
    assert verdict(place, text) == expected


VALUES = ("", "0", "3", "-1", "+7", "08", "0x1f", "7 #", "10k", "10M", "5G", "3m", "true", "a b", "/x", ".x", "+ .x,.y")
#: Names that the machine has: who else is unknown is no matter of the text.
OWNERS = (
    "",
    "0640",
    "0640 root",
    "0640 root adm",
    "root",
    "root adm",
    "0640 root adm x",
    "0999 root adm",
    "root adm x",
)
#: What a `su` leaves out it has from the one before it: nothing that anybody writes.
USERS = ("root adm", "root root", "root adm x")
FLAGS = [keyword for keyword, kind in TAKES.items() if not kind]
OPTIONS = [keyword for keyword, kind in TAKES.items() if kind not in ("", "script") and keyword != "include"]
SCRIPTS = [keyword for keyword, kind in TAKES.items() if kind == "script"]
#: The folder of old logs is not there; the others are drawn in the table above.
_NOT_IN_AN_ENTRY = GLOBAL | {"olddir"}


def valued(kind: str) -> list[str]:
    """The keywords that are judged by the text alone and take a value: of `kind`, or of any other than names."""
    names = ("owner", "user")
    return [k for k in OPTIONS if TAKES[k] == kind or not kind and TAKES[k] not in names and k not in _NOT_IN_AN_ENTRY]


def with_value(kind: str, values: tuple[str, ...], *between: str) -> st.SearchStrategy[str]:
    parts = st.tuples(st.sampled_from(valued(kind)), st.sampled_from(between), st.sampled_from(values))
    return parts.map("".join)


lines = st.one_of(
    st.lists(st.sampled_from(FLAGS), min_size=1, max_size=3).map(" ".join),
    with_value("", VALUES, " ", "\t", " = ", "="),
    with_value("owner", OWNERS, " "),
    with_value("user", USERS, " "),
    st.tuples(st.sampled_from(SCRIPTS), st.sampled_from(["", " x"]), st.sampled_from([" true\n", "\n}\n", ""])).map(
        lambda parts: f"{parts[0]}{parts[1]}\n{parts[2]} endscript"
    ),
    st.sampled_from(["# }", "", "dayly", "rotat 3"]),
)  # fmt: skip
entries = st.tuples(
    st.lists(st.sampled_from(["T/a.log", "T/b.log", '"T/c d.log"', "T/*.log", "T/\\a.log"]), min_size=1, max_size=2),
    st.sampled_from([" {", "\n{", " { # x"]),
    st.lists(lines.map(" {}\n".format), max_size=3).map("".join),
).map(lambda parts: f"{' '.join(parts[0])}{parts[1]}\n{parts[2]}}}\n")
configurations = st.lists(st.one_of(lines.map("{}\n".format), entries), min_size=1, max_size=4).map("".join)


def check(place: Path, text: str) -> None:
    said, found = verdict(place, text), faults(text)
    assert bool(found) == (said != "accepted"), f"logrotate: {said}; halint: {found}; {text!r}"


@pytest.mark.daemons
@oracle
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=configurations)
def test_of_drawn_configurations_both_say_the_same(place: Path, text: str) -> None:
    check(place, text)
