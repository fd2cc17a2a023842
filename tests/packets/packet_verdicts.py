"""What the model and the kernel say of the same packets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from rule_sets import Case
from traffic import PACKETS

from halint.models.firewall import Firewall, Packet
from halint.node import Node
from halint.readers import formats
from halint.source import Source
from halint.targets import Targets

#: The interpreter that the distribution installs the modules of firewalld and nft for.
_PYTHON = "/usr/bin/python3"
#: The unit that loads the rules of each kind.
UNITS = {"nft": "nftables", "iptables": "iptables", "firewalld": "firewalld", "ufw": "ufw"}


class Judged(NamedTuple):
    """ours, theirs: for each packet, whether it passes; None is unknown, or not sent. error: what the program said.
    reasons: the model's."""

    case: Case
    ours: list[bool | None]
    theirs: list[bool | None]
    reasons: list[str]
    error: str

    @property
    def asked(self) -> int:
        return sum(theirs is not None for theirs in self.theirs)

    @property
    def unknown(self) -> int:
        return sum(o is None and t is not None for o, t in zip(self.ours, self.theirs, strict=True))

    @property
    def contradictions(self) -> list[str]:
        return [
            f"{PACKETS[n]}: the kernel says {theirs}, the model {ours}: {self.reasons[n]}"
            for n, (ours, theirs) in enumerate(zip(self.ours, self.theirs, strict=True))
            if None not in (ours, theirs) and ours is not theirs
        ]

    def __str__(self) -> str:
        files = "".join(f"--- {path}\n{text}" for path, text in self.case.files.items())
        return "\n".join([self.case.kind, files, self.error, *self.contradictions])


class Kernel:
    """The process that asks the kernel; as root only."""

    def __init__(self) -> None:
        command = ["unshare", "-n", "-m", _PYTHON, str(Path(__file__).with_name("kernel.py"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, case: Case) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"kind": case.kind, "files": case.files}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the kernel's side ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def firewall_of(case: Case) -> Firewall:
    """The model of a rule set that is loaded at boot."""
    sources = {path: Source("lb1" + path, text, format=formats.of_path(path)) for path, text in case.files.items()}
    node = Node("lb1", "lb1", sources, Targets(os=case.os))
    node.links = {f"/etc/systemd/system/multi-user.target.wants/{UNITS[case.kind]}.service": "x"}
    return node.firewall


def judge(case: Case, answer: dict[str, Any]) -> Judged:
    """Hold the model's answers against the kernel's."""
    firewall = firewall_of(case)
    answers = [firewall.accepts(Packet(**packet)) for packet in PACKETS]
    theirs = answer.get("passed") or [None] * len(PACKETS)
    return Judged(case, [a.verdict for a in answers], theirs, [a.reason for a in answers], answer.get("error", ""))
