"""Ask real haproxys what they say of each keyword with no argument, with valid ones, one more, wrong and extreme ones.

Usage: python scripts/probe_haproxy_arguments.py VERSION=PROGRAM...     (2.6=/usr/sbin/haproxy)

Rebuilds scripts/facts/haproxy/arguments.txt, which tests/test_haproxy_arguments.py holds the table against. The words
come from the signatures (scripts/facts/haproxy/signatures.toml), the same general ones for all, and examples.toml.
Many lines go into one file: haproxy reports up to 50 errors in a run, and each line has a section of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from halint import signatures

FACTS = Path(__file__).parent / "facts" / "haproxy"
ARGUMENTS = FACTS / "arguments.txt"

#: What every keyword is tried with.
GENERAL = (
    "", "x", "1", "1 x", "x x", "x x x", "0", "-1", "1s", "1 1", "5x", "1k", "99999999999", "70000", "on", "/x",
    "127.0.0.1:80", "if TRUE", "x if TRUE", "x x if TRUE", "x x x if TRUE",
)  # fmt: skip

#: A valid word of each kind; of others an `x`.
VALID = {
    "ACL": "a src 10.0.0.1",
    "ADDRESS": "127.0.0.1:80",
    "BALANCE": "rdp-cookie(x)",
    "BIND": "127.0.0.1:80",
    "CHECK_PORT": "80",
    "COMPRESSION": "gzip",
    "CONDITION": "if TRUE",
    "CONGESTION": "cubic",
    "COUNTS": "1-3",
    "CPUS": "0",
    "CPU_MAP": "1",
    "DOMAIN": "a.example",
    "HEX": "00ff",
    "INIT_ADDR": "last,libc,none",
    "LOGFORMAT": "x%[int(1)]",
    "LOG_TARGET": "127.0.0.1:514",
    "NETWORK": "10.0.0.0/8",
    "NETWORKS": "10.0.0.0/8",
    "NUMBER_OR_SAMPLE": "int(1)",
    "OCTAL": "660",
    "ERROR_STATUS": "503",
    "HASH_FACTOR": "150",
    "COOKIE_MODES": "",
    "PEER": "lb1",
    "PERSIST": "",
    "SAMPLE": "int(1)",
    "RING_SIZE": "20000",
    "SAMPLING": "1-2:4",
    "SIZE": "4k",
    "SIZE_OR_SAMPLE": "4k",
    "SSL_ERRORS": "all",
    "STATUS": "503",
    "STORE": "gpc0,http_req_rate(10s)",
    "THREADS": "1",
    "TIME": "5s",
    "SECONDS": "5s",
    "TIME_OR_SAMPLE": "5s",
    "VARIABLE": "proc.a",
}

#: What a line must stand in, by the group of its keyword, and what is before the keyword.
SECTIONS = {
    "proxy": "listen {}\n mode http\n",
    "bind": "frontend {}\n bind 127.0.0.1:80 ",
    "server": "backend {}\n mode http\n server s 127.0.0.1:80 ",
    "global": "global\n",
    "traces": "traces\n ",
}

#: What is in the brackets of an action that stands for any ending.
ENDINGS = {
    "set-var": "(txn.a)",
    "set-var-fmt": "(txn.a)",
    "unset-var": "(txn.a)",
    "track-sc": "0",
    "do-resolve": "(txn.a,dns,ipv4)",
    "sc-inc-gpc": "(0,0)",
    "sc-set-gpt": "(0,0)",
    "sc-add-gpc": "(0,0)",
}

#: Messages of the machine, not of the text.
HOST = re.compile(
    r"unable to (?:load|stat|open)|[Nn]o such file|cannot (?:find|open)|Cannot open|Couldn't open|opening file|"
    r"unknown (?:user|group)|not a directory|directory path|start line|base64|Missing LF|Lua|crl-file|ca-file|"
    r"could not resolve|invalid address: '[\w.-]+'|agent-addr failed|not a valid IPv4|OpenSSL|\(null\)|service name|"
    r"not supported by|Could not find|already|has the same name|Duplicate|must be allowed via|processing 'namespace'|"
    r"protocol 'quic'|Unable to load|does not have agent port|or 'desc' to be set|reuses same custom id|internal error|"
    r"source [\w.-]+' :|'server [^']*' : $|\[/mask\] as|ignoring new size|No such trace|Unsupported lock-on|"
    r"No such verb|unknown provider|only valid for reverse|stat\(\) failed|processing 'spoe'|"
    r"can not be (?:low|high)er"
)

#: What every file begins with, so that experiments are looked at, too.
EXPOSED = ["global", " expose-experimental-directives"]

#: What makes haproxy write files when it only checks: it is not tried. Of acme, all: each section makes a key.
WRITES = frozenset({"backing-file", "acme"})

#: What depends on how haproxy was built, and on its libraries: a program that does not know it says nothing of it.
BUILD = frozenset(
    {
        "debug.counters", "filter opentracing", "profiling.memory", "quic-cc-algo", "quic-force-retry", "quic-socket",
        "ssl-engine", "ssl-propquery", "ssl-provider", "ssl-security-level", "tune.quic.cc-hystart",
        "tune.quic.cc.cubic.min-losses",
        "tune.quic.disable-tx-pacing", "tune.quic.disable-udp-gso", "tune.quic.frontend.conn-tx-buffers.limit",
        "tune.quic.frontend.default-max-window-size", "tune.quic.frontend.glitches-threshold",
        "tune.quic.frontend.max-data-size", "tune.quic.frontend.max-idle-timeout",
        "tune.quic.frontend.max-streams-bidi", "tune.quic.frontend.max-tx-mem",
        "tune.quic.frontend.stream-data-ratio", "tune.quic.max-frame-loss", "tune.quic.reorder-ratio",
        "tune.quic.retry-threshold", "tune.quic.socket-owner", "tune.quic.zero-copy-fwd-send",
        "tune.ssl.certificate-compression", "tune.zlib.memlevel",
        "tune.zlib.windowsize",
    }
)  # fmt: skip

#: What changes how the lines behind it are read, or whether anything is said.
ALONE = frozenset({"quiet", "zero-warning", "expose-experimental-directives", "expose-deprecated-directives"})

_MESSAGE = re.compile(
    r"\[(ALERT|WARNING)\]\s*\(\d+\) : (?:config : )?(?:parsing )?\[[^\]:]*:(\d+)\]\s*:?\s*"
    r"((?:(?!\[(?:ALERT|WARNING|NOTICE)\]).)*)"
)
_WITHIN = re.compile(r"parsing \[[^\]:]*:(\d+)\]")
_SENTINEL = "none-of-them"
_CHUNK = 22

Probe = tuple[str, str, str]
"""Group, keyword, arguments."""


class Daemon:
    """A haproxy program."""

    def __init__(self, program: str) -> None:
        self.program = program
        library = Path(program).parent / "lib"
        self.environment = dict(os.environ, LD_LIBRARY_PATH=str(library)) if library.is_dir() else dict(os.environ)

    def verdicts(self, probes: list[Probe]) -> dict[Probe, str]:
        """`.` accepted, `W` a warning, `A` refused, `H` a matter of the machine that it runs on."""
        found: dict[Probe, str] = {}
        todo = list(probes)
        while todo:
            chunk = _next(todo)
            judged = self._run(chunk)
            found |= judged
            todo = [probe for probe in todo if probe not in judged]
        return found

    def _run(self, chunk: list[Probe]) -> dict[Probe, str]:
        """The verdicts of the first of `chunk`, one at least."""
        lines = [] if chunk[0][1] in ALONE else list(EXPOSED)
        where: dict[int, Probe] = {}
        for number, probe in enumerate(chunk):
            lines += section(probe, f"n{number}").split("\n")
            where[len(lines)] = probe
        lines += [f"backend {_SENTINEL}", _SENTINEL]
        messages = self._messages("\n".join(lines) + "\n")
        # From 3.1 on, global sections are read twice: after an error in the first pass, other lines have no message.
        whole = len(lines) in messages
        judged = {
            probe: _verdict(probe, messages.get(line, [])) for line, probe in where.items() if whole or line in messages
        }
        if judged:
            return judged
        if len(chunk) > 1:
            return self._run(chunk[:1])
        return {chunk[0]: "H"}  # it stops without a word that has a line

    def _messages(self, text: str) -> dict[int, list[tuple[str, str]]]:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "haproxy.cfg").write_text(text, encoding="utf-8")
            command = [self.program, "-c", "-f", "haproxy.cfg"]
            try:
                run = subprocess.run(
                    command, capture_output=True, cwd=folder, env=self.environment, timeout=10, check=False
                )
            except subprocess.TimeoutExpired:
                return {}
        found: dict[int, list[tuple[str, str]]] = {}
        for level, line, said in _MESSAGE.findall((run.stderr + run.stdout).decode(errors="replace")):
            own = _WITHIN.match(said)  # 2.6 says behind an incomplete peer where that was, before each message
            found.setdefault(int(own[1] if own else line), []).append((level, said))
        return found


def _next(todo: list[Probe]) -> list[Probe]:
    """Probes that can share a file: one of a kind of global keyword, which have no section of their own."""
    chunk: list[Probe] = []
    seen: set[str] = set()
    for probe in todo:
        group, keyword, _ = probe
        if group == "section" and chunk:
            continue
        if group == "global":
            if keyword in seen or (keyword in ALONE and chunk):
                continue
            seen.add(keyword)
        chunk.append(probe)
        if len(chunk) == _CHUNK or keyword in ALONE or group == "section":
            break
    return chunk


def _verdict(probe: Probe, messages: list[tuple[str, str]]) -> str:
    if any(HOST.search(text) for _, text in messages):
        return "H"
    if probe[1] in BUILD and any("unknown keyword" in text for _, text in messages):
        return "H"
    return "A" if any(level == "ALERT" for level, _ in messages) else "W" if messages else "."


def section(probe: Probe, name: str) -> str:
    """A section with the line of `probe`, which is its last."""
    group, keyword, arguments = probe
    before = SECTIONS.get(group, group + " {}\n ").format(name)
    if group == "section":
        return f"{keyword} {arguments}".rstrip(" ")
    if keyword.endswith("*"):
        action = keyword.removesuffix("*")
        ending = ENDINGS.get(action.rpartition(" ")[2])
        if ending is None:
            ending = "(0)" if " sc-" in action else "(f)"
        keyword = action + ending
    return f"{before}{keyword} {arguments}".rstrip(" ")


def probes() -> list[Probe]:
    """Every keyword with all that it is tried with."""
    table = tomllib.loads((FACTS / "signatures.toml").read_text(encoding="utf-8"))
    examples = tomllib.loads((FACTS / "examples.toml").read_text(encoding="utf-8"))
    found: dict[Probe, None] = {}
    for group, rows in table.items():
        for keyword, signature in rows.items():
            if not WRITES.isdisjoint((group, keyword)) or signature == "ACL":
                continue
            tried = [*GENERAL, *examples.get(group, {}).get(keyword, [])]
            for _, _, steps in signatures.parse(signature):
                tried += words(steps)
            found |= dict.fromkeys((group, keyword, arguments) for arguments in tried)
    return list(found)


def words(steps: tuple[Any, ...]) -> Iterator[str]:
    """Arguments that `steps` takes, and some that it does not: one more, one less, wrong ones, those at the bounds."""
    for taken in _taken(steps):
        yield " ".join(taken)
        yield " ".join([*taken, "zz"])
        for number in range(len(taken)):
            yield " ".join([*taken[:number], "zz", *taken[number + 1 :]])
        yield " ".join(taken[:-1])


def _taken(steps: tuple[Any, ...]) -> Iterator[list[str]]:
    """Lists of words that `steps` takes: each alternative once, the rest as short as it can be."""
    plain = [_one(step) for step in steps]
    for number, step in enumerate(steps):
        before = [word for part in plain[:number] for word in part]
        behind = [word for part in plain[number + 1 :] for word in part]
        for middle in _variants(step):
            yield [*before, *middle, *behind]
    if not steps:
        yield []


def _one(step: tuple[Any, ...]) -> list[str]:
    """The least that `step` takes."""
    if step[0] in "[{" and not step[4]:
        return []
    if step[0] not in "([{":
        return VALID.get(step[0], _number(step)).split() if "^" not in step[3] and step[0] != "ANY" else []
    _, written, kinds, _, groups = step
    literals = {word: behind for word, _, behind in written}
    if groups:
        return [word for group, _ in groups for word in _literal(literals, group[0])]
    if literals:
        return _literal(literals, next(iter(literals)))
    return [word for part in kinds or () for word in _one(part)]


def _literal(literals: dict[str, Any], word: str) -> list[str]:
    """`word` and the least that must stand behind it."""
    return [word, *(other for part in literals[word] for other in _one(part))]


def _number(step: tuple[Any, ...]) -> str:
    low, high = step[1:3]
    return str(low if isinstance(low, int) else high if isinstance(high, int) else low.split("|")[0] if low else 1)


def _variants(step: tuple[Any, ...]) -> Iterator[list[str]]:
    yield _one(step)
    if step[0] not in ("(", "[", "{"):
        for bound in step[1:3]:
            if isinstance(bound, int):
                yield from ([str(number)] for number in (bound - 1, bound, bound + 1))
        return
    _, written, kinds, table, groups = step
    literals = {word: behind for word, _, behind in written}
    for word, behind in literals.items():
        others = [other for group, _ in groups if word not in group for other in _literal(literals, group[0])]
        for taken in _taken(behind):
            yield [*others, word, *taken]
    if kinds is not None:
        yield from _taken(kinds)
    if table is not None:
        yield ["nonsense"]


def text(verdicts: dict[str, dict[Probe, str]]) -> str:
    """The facts: by group and keyword, the verdict of each version and, behind it, the arguments that have it."""
    lines = [
        "# Generated by scripts/probe_haproxy_arguments.py; do not edit. What haproxy says of a keyword with words:",
        "# `.` nothing, W a warning, A that it will not start, H something of the machine. A letter for each of the",
        f"versions {' '.join(verdicts)}",
    ]
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for probe in next(iter(verdicts.values())):
        group, keyword, arguments = probe
        said = "".join(version[probe] for version in verdicts.values())
        found.setdefault((group, keyword), {}).setdefault(said, []).append(arguments)
    last = ""
    for (group, keyword), rows in found.items():
        if group != last:
            lines += ["", f"[{group}]"]
            last = group
        lines.append(keyword)
        lines += [f" {said} {'|'.join(rows[said])}" for said in sorted(rows)]
    return "\n".join(lines) + "\n"


def main(programs: list[str]) -> None:
    asked = probes()
    verdicts = {}
    for program in programs:
        version, _, path = program.partition("=")
        verdicts[version] = Daemon(path).verdicts(asked)
    ARGUMENTS.write_text(text(verdicts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
