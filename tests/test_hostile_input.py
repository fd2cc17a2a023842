"""Input that nobody means well with, through the real command: the right exit status, a place and a reason, nothing
written, no hang, and the known fault of the pair beside it still reported."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: A pair with exactly one finding, KA201.
PAIR = Path(__file__).parents[1] / "corpus" / "vrid-mismatch"
HALINT = [sys.executable, "-c", "from halint.cli import main; main()"]
#: Seconds: only against hangs.
GUARD = 300
KEEPALIVED = "etc/keepalived/keepalived.conf"
HAPROXY = "etc/haproxy/haproxy.cfg"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pair"
    shutil.copytree(PAIR, folder)
    monkeypatch.chdir(folder)
    return folder


def halint(*arguments: str | bytes, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, *HALINT, *arguments], capture_output=True, text=True, errors="surrogateescape", timeout=GUARD
    )  # fmt: skip


def tree(folder: Path) -> dict[bytes, tuple[int, int, int]]:
    found = {}
    for home, folders, files in os.walk(os.fsencode(folder)):
        for name in (*folders, *files):
            status = os.lstat(os.path.join(home, name))
            found[os.path.join(home, name)] = status.st_mode, status.st_size, status.st_mtime_ns
    return found


def checked(folder: Path, *, prefix: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What is found beside the pair's own fault, which is found as well."""
    before = tree(folder)
    done = halint("check", "--output", "json", prefix=prefix)
    assert (done.returncode, done.stderr) == (1, "")
    assert tree(folder) == before
    found = json.loads(done.stdout)["findings"]
    assert [f["location"]["path"] for f in found if f["code"] == "KA201"] == [f"lb2/{KEEPALIVED}"]
    return [finding for finding in found if finding["code"] != "KA201"]


def concise(finding: dict[str, Any]) -> str:
    place = finding["location"]
    start = place["start"]
    return f"{place['path']}:{start['line']}:{start['column']}: {finding['message']} [{finding['code']}]"


def third(folder: Path, path: str = KEEPALIVED) -> Path:
    """A file of a node lb3, still to be made."""
    file = folder / "lb3" / path
    file.parent.mkdir(parents=True)
    return file


def write(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))


# What cannot be read.


def link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def long_loop(path: Path) -> None:
    path.symlink_to("other.conf")
    (path.parent / "other.conf").symlink_to(path.name)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))  # a socket's path is short


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def program(path: Path) -> None:
    shutil.copy(sys.executable, path)


UNREADABLE: list[tuple[Callable[[Path], object], str]] = [
    (link_to_nowhere, "it is a symbolic link to nowhere: No such file"),
    (loop, "it is a symbolic link to keepalived.conf: Too many levels"),
    (long_loop, "it is a symbolic link to other.conf: Too many levels"),
    (lambda path: path.symlink_to("/etc/shadow"), "it is a symbolic link to /etc/shadow"),
    (lambda path: path.symlink_to("../" * 20 + "etc/hostname"), "out of the checked paths"),
    (lambda path: path.symlink_to("/dev/zero"), "it is a symbolic link to /dev/zero"),
    (os.mkfifo, "it is a FIFO"),
    (unix_socket, "it is a FIFO, a socket"),
    (Path.mkdir, "it is a folder"),
    (too_large, "it has 1048576 MiB"),
    (program, "it is no text: byte 8 is NUL"),
]
#: Those that are no readable file wherever they stand.
NO_FILE = [one for one in UNREADABLE if "/etc" not in one[1] and "paths" not in one[1]]


@pytest.mark.parametrize(("make", "reason"), UNREADABLE, ids=[reason for _, reason in UNREADABLE])
def test_a_file_that_cannot_be_read(pair: Path, make: Callable[[Path], object], reason: str) -> None:
    path = third(pair)
    make(path)
    found = checked(pair)
    assert {(one["code"], one["severity"]) for one in found} == {("HL102", "error")}
    (told,) = [concise(one) for one in found if one["location"]["path"] == f"lb3/{KEEPALIVED}"]
    assert told.startswith(f"lb3/{KEEPALIVED}:1:1: ") and reason in told


#: Root may read everything, unless it gives that up.
POWERLESS = () if os.geteuid() else ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


@pytest.mark.skipif(bool(POWERLESS) and not shutil.which("setpriv"), reason="root needs setpriv")
def test_a_file_and_a_folder_without_permission(pair: Path) -> None:
    file, closed = third(pair), third(pair, HAPROXY)
    file.touch(0)
    closed.touch()
    closed.parent.chmod(0)
    found = [concise(one) for one in checked(pair, prefix=POWERLESS)]
    closed.parent.chmod(0o700)
    assert found == [
        "lb3/etc/haproxy:1:1: this cannot be read, and nothing in it is checked: Permission denied [HL102]",
        f"lb3/{KEEPALIVED}:1:1: this cannot be read, and nothing in it is checked: Permission denied [HL102]",
    ]


@pytest.mark.parametrize(("make", "reason"), UNREADABLE[:1] + UNREADABLE[6:9], ids=["link", "fifo", "socket", "folder"])
def test_a_companion_that_cannot_be_read(pair: Path, make: Callable[[Path], object], reason: str) -> None:
    path = pair / "lb1/etc/nftables.conf"
    path.unlink()
    make(path)
    assert reason in "".join(concise(found) for found in checked(pair) if found["code"] == "HL102")


@pytest.mark.parametrize(
    "name", ["sos_commands/firewall_tables/nft_list_ruleset", "etc/netplan/50-cloud-init.yaml", "etc/selinux/config"]
)
def test_facts_that_cannot_be_read(pair: Path, name: str) -> None:
    write(pair, "lb1/" + name, "a\0b\n")
    (told,) = [concise(found) for found in checked(pair) if found["code"] == "HL102"]
    assert told.startswith(f"lb1/{name}:1:1: ") and "NUL" in told


# What can be read, and is nothing.


MANY = 10_000
NESTED = {
    f"lb3/{KEEPALIVED}": ("a {\n" * MANY, "1:1: syntax error: expected } for this a"),
    f"lb1/{HAPROXY}": (".if 1\n" * MANY, "1:1: syntax error: expected .endif for this .if"),
    "lb1/etc/nftables.conf": ("table inet a {\n" * MANY, "1:1: syntax error: expected } for this table"),
    "lb1/etc/logrotate.d/a": ("/var/log/a {\n" * MANY, "2:1: syntax error: expected } before this log file"),
    "lb1/etc/rsyslog.d/a.conf": ("if $a then {\n" * MANY, "1:1: syntax error: expected } for this if"),
    "lb1/etc/firewalld/zones/a.xml": ("<zone>\n" * MANY, "1:2: syntax error: expected </zone> for this element"),
}


@pytest.mark.parametrize("path", NESTED)
def test_nested_braces(pair: Path, path: str) -> None:
    text, message = NESTED[path]
    write(pair, path, text)
    assert any(concise(found).startswith(f"{path}:{message}") for found in checked(pair))


CLOSED = {
    f"lb3/{KEEPALIVED}": "a {\n" * MANY + "}\n" * MANY,
    "lb1/etc/nftables.conf": "table inet a { chain b { tcp dport " + "{ " * MANY + "} " * MANY + "accept } }\n",
    "lb1/etc/rsyslog.d/a.conf": "if " + "(" * MANY + "1" + ")" * MANY + " then {\n" * MANY + "stop\n" + "}\n" * MANY,
    "lb1/etc/firewalld/zones/a.xml": "<zone>\n" * MANY + "</zone>\n" * MANY,
}


@pytest.mark.parametrize("path", CLOSED)
def test_deep_nesting_that_ends(pair: Path, path: str) -> None:
    write(pair, path, CLOSED[path])
    checked(pair)


@pytest.mark.parametrize("path", [f"lb3/{KEEPALIVED}", f"lb1/{HAPROXY}", "lb1/etc/sysctl.d/a.conf"])
def test_a_line_of_50_megabytes(pair: Path, path: str) -> None:
    write(pair, path, "# short\na " + "a" * 50_000_000 + '"\n')
    for kind in ("full", "concise"):
        done = halint("check", "--output", kind)
        assert (done.returncode, done.stderr) == (1, "")
        assert path in done.stdout and "KA201" in done.stdout and len(done.stdout) < 20_000


GROWING = {
    "an include cycle": {
        f"lb3/{KEEPALIVED}": "include other.conf\n",
        "lb3/etc/keepalived/other.conf": "include keepalived.conf\n",
    },
    "files that include each other": {
        f"lb3/{KEEPALIVED}": "include *.conf\n",
        **{f"lb3/etc/keepalived/{i}.conf": "include *.conf\n" for i in range(30)},
    },
    "files that include the next one twice": {
        f"lb3/{KEEPALIVED}": "include 0.conf\n",
        **{f"lb3/etc/keepalived/{i}.conf": f"include {i + 1}.conf\n" * 2 for i in range(30)},
    },
    "nft files that include each other": {
        "lb1/etc/nftables.conf": 'include "/etc/nftables.d/*.nft"\n',
        **{f"lb1/etc/nftables.d/{i}.nft": 'include "/etc/nftables.d/*.nft"\n' for i in range(30)},
    },
    "nft files that include the next one twice": {
        "lb1/etc/nftables.conf": 'include "/etc/nftables.d/0.nft"\n',
        **{f"lb1/etc/nftables.d/{i}.nft": f'include "/etc/nftables.d/{i + 1}.nft"\n' * 2 for i in range(30)},
    },
    "a long chain of nft files": {
        "lb1/etc/nftables.conf": 'include "/etc/nftables.d/0.nft"\n',
        **{f"lb1/etc/nftables.d/{i}.nft": f'include "/etc/nftables.d/{i + 1}.nft"\n' for i in range(1200)},
    },
    "rsyslog files that include each other": {
        "lb1/etc/rsyslog.conf": "$IncludeConfig /etc/rsyslog.d/*.conf\n",
        **{f"lb1/etc/rsyslog.d/{i}.conf": "$IncludeConfig /etc/rsyslog.d/*.conf\n" for i in range(30)},
    },
    "a long chain of rsyslog files": {
        "lb1/etc/rsyslog.conf": "$IncludeConfig /etc/rsyslog.d/0.conf\n",
        **{f"lb1/etc/rsyslog.d/{i}.conf": f"$IncludeConfig /etc/rsyslog.d/{i + 1}.conf\n" for i in range(1200)},
    },
    "logrotate files that include each other": {
        "lb1/etc/logrotate.conf": "include /etc/logrotate.d\n",
        **{f"lb1/etc/logrotate.d/{i}": "include /etc/logrotate.d\n" for i in range(30)},
    },
    "definitions that double": {
        f"lb3/{KEEPALIVED}": "$A0=xxxxxxxx\n"
        + "".join(f"$A{i}=${{A{i - 1}}}${{A{i - 1}}}\n" for i in range(1, 60))
        + "vrrp_instance ${A59} {\n}\n",
    },
    "a sequence without end": {f"lb3/{KEEPALIVED}": "vrrp_instance a~SEQ(N, 1, 1000000000)${N} {\n}\n"},
    "nft definitions that double": {
        "lb1/etc/nftables.conf": "define A0 = { 1, 2 }\n"
        + "".join(f"define A{i} = {{ $A{i - 1}, $A{i - 1} }}\n" for i in range(1, 60))
        + "table inet a {\n chain b {\n type filter hook input priority 0; policy drop;\n tcp dport $A59 accept\n }\n}\n",
    },
    "chains that double": {
        "lb1/etc/nftables.conf": "table inet a {\n chain b { type filter hook input priority 0; policy drop; jump c0; }\n"
        + "".join(f" chain c{i} {{ jump c{i + 1}; jump c{i + 1}; }}\n" for i in range(60))
        + " chain c60 { tcp dport 80 accept; }\n}\n",
    },
    "a long chain of chains": {
        "lb1/etc/nftables.conf": "table inet a {\n chain b { type filter hook input priority 0; policy drop; jump c0; }\n"
        + "".join(f" chain c{i} {{ jump c{i + 1}; }}\n" for i in range(5000))
        + " chain c5000 { tcp dport 80 accept; }\n}\n",
    },
    "rule sets that call each other": {
        "lb1/etc/rsyslog.d/a.conf": "call r0\n"
        + "".join(f'ruleset(name="r{i}") {{\ncall r{i + 1}\ncall r{i + 1}\n}}\n' for i in range(60))
        + 'ruleset(name="r60") {\ncall r0\n}\n',
    },
    "services that include each other": {
        "lb1/etc/firewalld/zones/public.xml": '<zone><service name="s0"/></zone>\n',
        **{
            f"lb1/etc/firewalld/services/s{i}.xml": f'<service>{f"""<include service="s{(i + 1) % 30}"/>""" * 2}</service>\n'
            for i in range(30)
        },
    },
    "outputs of endless lines": {
        f"lb1/sos_commands/{name}": text * 200_000
        for name, text in (
            ("systemd/systemctl_list-unit-files", "a."),
            ("systemd/systemctl_list-units", "* a. loaded "),
            ("networking/ss_-lntup", "LISTEN 0 0 :1"),
            ("networking/netstat_-W_-neopa", "tcp 0 0 :1 * LISTEN 1 "),
            ("networking/ip_-o_addr", "1: a    inet 1"),
            ("rpm/package-data", "haproxy-1."),
            ("dpkg/dpkg_-l", "ii haproxy 1."),
            ("selinux/sestatus_-b", "a_t on "),
            ("selinux/semanage_port_-l", "http_port_t tcp 1-1, "),
        )
    } | {"lb1/etc/os-release": "ID=rocky\nVERSION_ID=9.4\n", "lb1/etc/haproxy/haproxy.cfg": "listen a\n bind :1234\n"},
    "defaults from each other": {
        f"lb1/{HAPROXY}": "defaults a from b\ndefaults b from a\nfrontend f from a\n  bind :80\n",
    },
}  # fmt: skip


@pytest.mark.parametrize("files", GROWING.values(), ids=GROWING)
def test_what_refers_to_itself_or_grows(pair: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        write(pair, path, text)
    for found in checked(pair):
        assert found["code"] != "HL901"


def test_an_include_cycle_is_told_where_it_closes(pair: Path) -> None:
    for path, text in GROWING["an include cycle"].items():
        write(pair, path, text)
    (found,) = checked(pair)
    assert concise(found).startswith("lb3/etc/keepalived/other.conf:1:1: syntax error: ")
    assert "/etc/keepalived/keepalived.conf" in found["message"]


ENTITIES = {
    "a billion laughs": '<!DOCTYPE z [\n<!ENTITY a0 "ha">\n'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">\n' for i in range(1, 10))
    + "]>\n<zone><short>&a9;</short></zone>\n",
    "a file of this machine": '<!DOCTYPE z [\n<!ENTITY a SYSTEM "file:///etc/passwd">\n]>\n<zone><short>&a;</short></zone>\n',
    "a DTD of another machine": '<!DOCTYPE z SYSTEM "http://192.0.2.1/z.dtd">\n<zone/>\n',
}


@pytest.mark.parametrize("text", ENTITIES.values(), ids=ENTITIES)
def test_a_document_type(pair: Path, text: str) -> None:
    write(pair, "lb1/etc/firewalld/zones/public.xml", '<?xml version="1.0"?>\n' + text)
    before = tree(pair)
    done = halint("check", "--output", "concise")
    assert "zones/public.xml:2:1: error: syntax error: expected no document type" in done.stdout
    assert "[KA201]" in done.stdout and "root:" not in done.stdout and len(done.stdout) < 5000
    assert done.returncode == 1 and done.stderr == "" and tree(pair) == before


def test_garbage_without_a_nul(pair: Path) -> None:
    garbage = bytes(255 - (i * i + i // 251) % 255 for i in range(20_000))
    for path in (f"lb3/{KEEPALIVED}", f"lb3/{HAPROXY}", "lb3/etc/nftables.conf", "lb3/etc/rsyslog.d/a.conf"):
        (pair / path).parent.mkdir(parents=True, exist_ok=True)
        (pair / path).write_bytes(garbage)
    assert {one["code"] for one in checked(pair)} == {"HL101", "HA126", "HA143", "KA139", "LG108", "LG122"}
    for kind in ("full", "concise", "sarif", "github"):
        done = halint("check", "--output", kind)
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.encode("utf-8", "surrogateescape").decode("utf-8")


# Folders.


def test_nothing_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "README").write_text("nothing\n")
    for verb in ("check", "fix", "nodes"):
        done = halint(verb)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
        done = halint(verb, "--allow-empty")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(os.listdir(tmp_path)) == ["README", "deep"]


@pytest.mark.parametrize("verb", ["check", "fix", "nodes"])
@pytest.mark.parametrize("name", ["nowhere", "lb1/etc/hostname/x", "x" * 5000, "lb1\n", "\udcff"])
def test_a_missing_path(pair: Path, verb: str, name: str) -> None:
    before = tree(pair)
    done = halint(verb, ".", os.fsencode(name))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr and "Error: " in done.stderr
    assert tree(pair) == before


def test_names_that_are_no_utf8(pair: Path) -> None:
    folder = os.path.join(os.fsencode(pair), b"lb\xff\n\x1b[31m3")
    shutil.copytree(pair / "lb1", os.fsdecode(folder))
    with open(os.path.join(folder, b"etc/haproxy/haproxy.cfg"), "ab") as file:
        file.write(b"frontend \xfe\n\tbind :80 \xff\n")
    with open(os.path.join(folder, b"etc/logrotate.d/\xff"), "wb") as file:
        file.write(b"/var/log/\xff {\n")
    before = tree(pair)
    for kind in ("full", "concise", "json", "sarif", "github"):
        done = halint("check", "--output", kind)
        assert (done.returncode, done.stderr) == (1, ""), kind
        assert "\x1b" not in done.stdout and "lb\\\\xff" in done.stdout.replace("lb\\xff", "lb\\\\xff"), kind
        assert done.stdout.encode("utf-8", "surrogateescape").decode("utf-8")
    for verb in (["nodes"], ["fix", "--diff", "--unsafe", "--prefer", "lb1"]):
        done = halint(*verb)
        assert done.returncode in {0, 1} and "Traceback" not in done.stderr and "\x1b" not in done.stdout
    assert tree(pair) == before


@pytest.mark.parametrize(
    "name", ["a\x1b[2J.conf", "a\x1b]0;b\x07.conf", "a\r.conf", "a\u202eb.conf", "a\n::error::b.conf"]
)
def test_names_and_values_that_write_to_the_terminal(pair: Path, name: str) -> None:
    for folder in ("rsyslog.d", "sysctl.d", "keepalived", "logrotate.d"):
        write(pair, f"lb1/etc/{folder}/{name}", f"*.* @@@\nnet.ipv4.ip_forwrad = 1 {name}\n/a{name} {{ {name}\n")
    write(pair, "lb1/etc/nftables.conf", f"table inet {name} {{\n bogus {name}\n")
    write(pair, "lb1/etc/firewalld/zones/public.xml", f'<zone><service name="{name}"/>\n')
    (pair / "lb1/etc/systemd/system/keepalived.service.d").mkdir(parents=True)
    (pair / f"lb1/etc/systemd/system/keepalived.service.d/{name}").symlink_to(name)
    for arguments in (["check"], ["check", "--output", "github"], ["nodes"], ["failover"]):
        done = halint(*arguments)
        said = done.stdout + done.stderr
        assert not [c for c in said if c != "\n" and (ord(c) < 32 or c in "\x7f\u202e")]
        assert arguments != ["check", "--output", "github"] or all(line[:2] == "::" for line in said.splitlines())
    assert not [c for c in shown_on_a_terminal("fix", "--diff", "--unsafe") if ord(c) < 32 and c not in "\r\n\t"]


def shown_on_a_terminal(*arguments: str) -> str:
    ours, its = os.openpty()
    with subprocess.Popen([*HALINT, *arguments], stdout=its, env=os.environ | {"NO_COLOR": "1"}) as running:
        os.close(its)
        said = b""
        with contextlib.suppress(OSError):  # where the terminal's other end is closed
            while part := os.read(ours, 65536):
                said += part
        running.wait(GUARD)
    os.close(ours)
    assert b"+++ " in said
    return said.decode()


def test_folders_deeper_than_paths_can_be_long(pair: Path) -> None:
    here, depth = os.getcwd(), 3000
    try:
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
        Path("keepalived.conf").write_text("vrrp_instance a {\n}\n")
        os.chdir(here)
        done = halint("check", "--output", "concise")
        assert done.returncode == 1 and done.stderr == "" and "[KA201]" in done.stdout
        assert len(done.stdout) < 50_000
        assert halint("nodes").returncode == 0
    finally:
        subprocess.run(["rm", "-rf", os.path.join(here, "d")], check=True)


def test_a_link_to_a_folder_above(pair: Path) -> None:
    (pair / "lb1/etc/keepalived/up").symlink_to("../../..")
    (pair / "lb2/etc/self").symlink_to(".")
    assert checked(pair) == []


def test_5000_small_files(pair: Path) -> None:
    for number in range(5000):
        write(pair, f"lb1/etc/keepalived/conf.d/{number}.conf", "")
    text = (pair / f"lb1/{KEEPALIVED}").read_text()
    (pair / f"lb1/{KEEPALIVED}").write_text(text + "include conf.d/*.conf\n")
    assert checked(pair) == []


# What halint is told.


TOML = {
    "a = [": "halint.toml:1:6",
    "\n\nclusters = {": "halint.toml:3:13",
    "a.b = 1": "halint.toml:1:1: unknown key 'a'; ",
    'selct = ["KA201"]': "halint.toml:1:1: unknown key 'selct'; did you mean 'select'?",
    "select = 1": "halint.toml:1:1: select must be an array of strings",
    "select = [1]": "halint.toml:1:1: select must be an array of strings",
    "clusters = 1": "halint.toml:1:1: clusters must be a table",
    "[clusters]\na = 1": "halint.toml:2:1: clusters.a must be a table",
    '[clusters.a]\nnodes = "lb1"': "halint.toml:2:1: clusters.a.nodes must be an array of strings",
    '[nodes.lb1]\ncollected = ["fire"]': "halint.toml:2:15: unknown family 'fire'",
    '[targets]\nhaproxy = "two"': "halint.toml:2:1: ",
    'fail-on = "never"': "halint.toml:1:1: fail-on must be info, warning or error",
    "a = " + "[" * 100_000: "halint.toml",
    "a" * 100_000: "halint.toml:1:",
    "a = " + "9" * 5000: "halint.toml: Exceeds the limit",
    "\udcff": "halint.toml: it is not UTF-8 text",
    "\0": "halint.toml:1:1",
}


@pytest.mark.parametrize("text", TOML, ids=lambda text: repr(text[:24]))
def test_a_wrong_halint_toml(pair: Path, text: str) -> None:
    write(pair, "halint.toml", text)
    before = tree(pair)
    for verb in ("check", "fix", "nodes"):
        done = halint(verb)
        assert (done.returncode, done.stdout) == (2, "")
        (said,) = [line for line in done.stderr.splitlines() if "halint.toml" in line]
        assert TOML[text] in said and "Traceback" not in done.stderr
    assert tree(pair) == before


@pytest.mark.parametrize("make", [make for make, _ in NO_FILE], ids=[reason for _, reason in NO_FILE])
def test_a_halint_toml_that_cannot_be_read(pair: Path, make: Callable[[Path], object]) -> None:
    make(pair / "given.toml")
    before = tree(pair)
    done = halint("check", "--config", "given.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "given.toml: " in done.stderr and "Traceback" not in done.stderr
    assert tree(pair) == before


@pytest.mark.parametrize(
    "text",
    ["services: [", "a: &a [*a]\n", "a: &a {b: *a}\nservices: *a\n", "[" * 5000, "- " * 100_000, "\t", "? ? ? ?", "a: !!python/object:os.system x"],
)  # fmt: skip
def test_a_compose_file(pair: Path, text: str) -> None:
    write(pair, "docker-compose.yml", f"# keepalived.conf\n{text}\n")
    assert checked(pair) == []


def test_fix_beside_what_cannot_be_read(pair: Path) -> None:
    os.mkfifo(third(pair))
    write(pair, "lb1/etc/firewalld/zones/public.xml", "<zone>")
    before = {path: path.read_bytes() for path in pair.rglob("*") if path.is_file()}
    done = halint("fix", "--select", "KA201", "--unsafe", "--prefer", "lb1")
    assert (done.returncode, done.stderr) == (0, "fixed 1 finding in 1 file\n")
    changed = {path for path in pair.rglob("*") if path.is_file() and path.read_bytes() != before.get(path)}
    assert changed == {pair / f"lb2/{KEEPALIVED}"}
