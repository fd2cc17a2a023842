"""`keepalived -t`, asked about the text alone: the interfaces that it names are there, each with an address; what
a message says is missing on the host is supplied, and it is asked again, until nothing new is missing."""

from __future__ import annotations

import math
import re
import subprocess
from functools import cached_property

from sandbox import Root, Sandbox, host_name
from verdict import Message, Verdict

from halint.models.keepalived.language.limits import LONGEST

_FILE = "/keepalived.conf"
_ROUNDS = 12

_PLACE = re.compile(rf"\((?:{re.escape(_FILE)}: )?Line ([0-9]+)\) ?")
_INTERFACE = re.compile(
    r"^[ \t]*(?:interface|lvs_sync_daemon|lvs_sync_daemon_interface)[ \t]+([^\s!#{}]+)|\bdev[ \t]+([^\s!#{}]+)"
    r"|\btrack_interface[ \t\r\n]*\{([^}]*)\}",
    re.M,
)
_INTERFACE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}")
_MISSING_INTERFACE = re.compile(r"WARNING - interface (\S+) for |[Ii]nterface (\S+) (?:doesn't|does not) exist")
_SCRIPT = re.compile(r"^[ \t]*(?:script|misc_path|notify\w*|quorum_(?:up|down))[ \t]+(?:\"|')?([^\s\"']+)", re.M)
#: By keyword, or behind a script.
_USER = re.compile(
    r"^[ \t]*(?:script_user|user|(?:notify\w*|quorum_(?:up|down))[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'{]+))"
    r"[ \t]+([^\s!#{}\"']+)(?:[ \t]+([^\s!#{}\"']+))?",
    re.M,
)
_SERVER = re.compile(r"^[ \t]*smtp_server[ \t]+([^\s!#{}]+)", re.M)
#: What is said of the machine, whatever the text.
_HOST = re.compile(
    r"Non-existent interface specified in configuration|Can't initialize ipvs|"
    r"WARNING - default user 'keepalived_script'|SECURITY VIOLATION - (?:check )?scripts are being executed|"
    r"not found/accessible|Unable to access script|is not executable|Cannot find script"
)


class KeepalivedOracle:
    """The keepalived of this machine."""

    kind = "keepalived"

    def __init__(self, program: str = "/usr/sbin/keepalived") -> None:
        self.sandbox = Sandbox(program)

    @cached_property
    def version(self) -> str:
        """As the program says: "2.2.7"."""
        said = subprocess.run([self.sandbox.program, "-v"], capture_output=True, text=True, check=True)
        found = re.search(r"Keepalived v([0-9.]+)", said.stderr + said.stdout)
        assert found, said
        return found[1]

    def judge(self, data: bytes, beside: dict[str, bytes] | None = None) -> Verdict:
        """What keepalived says of a file with the bytes `data`. beside: files by their path relative to it."""
        text = data.decode("utf-8", "surrogateescape")
        with self.sandbox.root() as root:
            root.write(_FILE, data)
            for name, content in (beside or {}).items():
                root.write(name, content)
            status, output = root.run("-t", "-f", _FILE, links=("ens160",))
            first = status, _messages(output)
            supplied = _supply(root, text)
            links = tuple(dict.fromkeys(_links(text)))
            for _ in range(_ROUNDS):
                status, output = root.run("-t", "-f", _FILE, links=links or ("ens160",))
                messages = _messages(output)
                missing = {a or b for m in messages for a, b in _MISSING_INTERFACE.findall(m.text)}
                new = tuple(name for name in sorted(missing) if name not in links and _INTERFACE_NAME.fullmatch(name))
                if not new:
                    break
                links += new
        lines = _lines(data)
        kept = tuple(m._replace(line=_true(lines, m.line)) for m in messages if not _HOST.search(m.text))
        supplied += tuple(f"interface {name}" for name in links)
        if status < 0:
            return Verdict("none", kept, first, supplied)
        return Verdict("rejected" if kept else "accepted", kept, first, supplied)


def _messages(output: str) -> tuple[Message, ...]:
    """Each message once: the file is read for the global part, VRRP, the checkers and BFD."""
    found: dict[tuple[str, int | None], None] = {}
    for row in output.split("\n"):
        if row and not row.startswith("Segmentation"):
            place = _PLACE.match(row)
            text = row[place.end() :] if place else row
            found[text, int(place[1]) if place else None] = None
    return tuple(Message("message", line, text) for text, line in found)


def _lines(data: bytes) -> list[int]:
    """The line, from 1, that keepalived's first, second... is: it counts one that is too long for it several times."""
    return [
        number
        for number, line in enumerate(data.split(b"\n"), 1)
        for _ in range(max(1, math.ceil(len(line) / LONGEST)))
    ]


def _true(lines: list[int], line: int | None) -> int | None:
    return line if line is None or line > len(lines) else lines[line - 1]


def _links(text: str) -> list[str]:
    found = []
    for one, other, block in _INTERFACE.findall(text):
        found += [one or other] if one or other else [line.split()[0] for line in block.split("\n") if line.split()]
    return [name for name in found if _INTERFACE_NAME.fullmatch(name) and name != "lo"]


def _supply(root: Root, text: str) -> tuple[str, ...]:
    """Make the scripts, users and hosts that `text` names; what was made."""
    found = []
    for path in _SCRIPT.findall(text):
        place = path if path.startswith("/") else f"/usr/bin/{path}"
        if not path.startswith("<") and root.write(place, b"#!/bin/sh\n", 0o755):
            found.append(f"script {path}")
    for user, group in [("keepalived_script", ""), *_USER.findall(text)]:
        # Other names for root: -t of 2.2.7 kills itself when it has looked at a script as anybody else.
        if user != "root" and root.append("/etc/passwd", f"{user}:x:0:0::/root:/bin/sh"):
            found.append(f"user {user}")
        if (group or user) != "root" and root.append("/etc/group", f"{group or user}:x:0:"):
            found.append(f"group {group or user}")
    for name in _SERVER.findall(text):
        if host_name(name) and root.append("/etc/hosts", f"127.0.0.1 {name}"):
            found.append(f"name {name}")
    return tuple(found)
