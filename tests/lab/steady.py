"""When a cluster has come to rest, by what its daemons have done since, never by the clock.

Each keepalived writes its states and counts out when asked (SIGJSON). A state is steady when nothing has changed while
every master sent enough adverts for the slowest backup to take over, and every backup heard some.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from lab import Machine

_DUMP = "/tmp/keepalived.json"
#: SIGRTMIN+2 to the parent; keepalived has no other names for it (`keepalived --signum=JSON`).
_SIGJSON = signal.SIGRTMIN + 2
INIT, BACKUP, MASTER, FAULT = 0, 1, 2, 3
STATES = {INIT: "INIT", BACKUP: "BACKUP", MASTER: "MASTER", FAULT: "FAULT"}
#: Adverts of the slowest instance: a backup takes over after three and its skew, which is less than one.
_INTERVALS = 4
#: How much longer where nothing is counted.
_SILENT = 3
_POLL = 0.25
_PATIENCE = 600.0
#: For a daemon that has not written anything yet; what it waits for is not known.
_DUMP_PATIENCE = 20.0


class Instance(NamedTuple):
    """What keepalived says of one instance. heard: adverts that it took. ticks: all that it heard, sent or dropped: a
    master that keeps dropping adverts sends none itself (measured, 2.2.7)."""

    state: int
    priority: int
    interval: float
    preempt_delay: float
    heard: int
    ticks: int


class NotSteadyError(Exception):
    """The cluster did not come to rest."""


class Watched:
    """A machine's keepalived, as far as it tells."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._forget()
        self._asked = time.monotonic()

    def instances(self) -> dict[str, Instance] | None:
        """By name; None where it does not answer yet. Empty where it does not run, or runs no instance."""
        if not self.machine.alive("keepalived"):
            return {}
        said = _load(self.machine.path(_DUMP))
        self._forget()
        for pid in _children(self.machine.daemons["keepalived"].pid):
            # A daemon that has no handler yet would die of it; the first hands it on to the one for VRRP.
            vrrp = _children(pid)
            if vrrp and all(_waits_for(each, _SIGJSON) for each in (pid, *vrrp)):
                os.kill(pid, _SIGJSON)
        if said is None:
            waited = time.monotonic() - self._asked
            return {} if waited > _DUMP_PATIENCE and "Startup complete" in self.machine.log("keepalived") else None
        self._asked = time.monotonic()
        return {
            entry["data"]["iname"]: Instance(
                entry["data"]["state"], entry["data"]["effective_priority"], entry["data"]["adver_int"],
                entry["data"]["preempt_delay"], entry["stats"]["advert_rcvd"], sum(entry["stats"].values()),
            )
            for entry in said
        }  # fmt: skip

    def _forget(self) -> None:
        path = self.machine.path(_DUMP)
        if os.path.exists(path):
            os.unlink(path)


#: By node and instance.
Daemons = dict[tuple[str, str], Instance]


def settle(watched: dict[str, Watched], holders: Callable[[], object], checked: Callable[[], bool]) -> Daemons:
    """Wait until the cluster is steady. Raises NotSteadyError where it is not, after a time in which any should be.

    holders: what must not change either. checked: whether every check has run often enough to be believed.
    """
    started = time.monotonic()
    last: object = None
    since: Daemons = {}
    now: Daemons = {}
    while time.monotonic() - started < _PATIENCE:
        told = {name: one.instances() for name, one in watched.items()}
        if all(said is not None for said in told.values()):
            now = {(name, key): each for name, said in told.items() for key, each in (said or {}).items()}
            state = holders(), {key: (each.state, each.priority) for key, each in now.items()}
            if state != last:
                last, since = state, now
            elif checked() and _is_steady(since, now):
                return now
        time.sleep(_POLL)
    raise NotSteadyError(f"{last}")


def _is_steady(since: Daemons, now: Daemons) -> bool:
    slowest = max((each.interval for each in now.values()), default=1.0)
    window = _INTERVALS * slowest + max((each.preempt_delay for each in now.values()), default=0.0)
    counted = {key: (each.ticks - since[key].ticks - 1) * each.interval for key, each in now.items()}
    passed = max((counted[key] for key, each in now.items() if each.state == MASTER), default=0.0)
    for key, each in now.items():
        heard = each.state == BACKUP and each.heard - since[key].heard > 1
        sent = each.state == MASTER and counted[key] >= window
        # Adverts of another version are not even counted, and keep a master from sending; a member of a sync group that
        # hears nobody waits for the others. Then the time of other masters counts.
        if each.state == INIT or (each.state != FAULT and not heard and not sent and passed < _SILENT * window):
            return False
    return True


def _load(path: str) -> list[dict[str, Any]] | None:
    try:
        with open(path) as file:
            found: list[dict[str, Any]] = json.load(file)
            return found
    except (FileNotFoundError, ValueError):
        return None


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _waits_for(pid: int, number: int) -> bool:
    """Whether a process reads the signal from a signalfd, as keepalived does: then it is blocked."""
    try:
        with open(f"/proc/{pid}/status") as file:
            blocked = next(line for line in file if line.startswith("SigBlk:"))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return False
    return bool(int(blocked.split()[1], 16) >> (number - 1) & 1)
