"""The way of each daemon's log lines on a node: from haproxy or keepalived over rsyslog into files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.address import is_loopback
from halint.lazy import lazy
from halint.models.reading import tree_as
from halint.models.rsyslog import DEFAULT_RULESET, SYSTEM_SOCKETS, Destinations
from halint.models.rsyslog.words import file_of
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.haproxy import Haproxy
    from halint.models.haproxy.logs import LogTarget
    from halint.node import Node

#: What the daemons log with; debug is left out, since EL drops it and nobody misses it.
_SEVERITIES = ("info", "notice", "warning", "err", "crit", "alert", "emerg")
_KEEPALIVED = ("Keepalived", "Keepalived_vrrp", "Keepalived_healthcheckers")


class Flow:
    """What one daemon logs to the node's own syslog, at one address.

    daemon: "haproxy" or "keepalived". word: where the configuration says so, for keepalived without -S its first word.
    facility: "" where unknown. transport, host, place: as Rsyslog.receives() takes them. jailed: whether the place is
    in haproxy's chroot.
    """

    def __init__(
        self,
        node: Node,
        daemon: str,
        programs: tuple[str | None, ...],
        facility: str,
        word: Word,
        *,
        transport: str = "unix",
        host: str = "",
        place: str = "/dev/log",
    ) -> None:
        self._node = node
        self._programs = programs
        self.daemon = daemon
        self.facility = facility
        self.word = word
        self.transport = transport
        self.host = host
        self.place = place
        self.jailed = False

    @property
    def received(self) -> bool | None:
        """Whether rsyslog takes the messages; None where it does not read all of its files, as LG110 says."""
        if self._node.rsyslog.missing:
            return None
        return self._node.rsyslog.receives(self.transport, self.host, self.place)[0]

    @lazy
    def files(self) -> dict[str, Word | None]:
        """The files that rsyslog writes of it, each with the word of the rule (None: the distribution's)."""
        return {path: word for found in self._destinations for path, word in found.files if _rotates(path)}

    @property
    def known(self) -> bool:
        """Whether it is certain where its messages end."""
        return not self._node.rsyslog.missing and all(found.known for found in self._destinations)

    @property
    def ends_nowhere(self) -> bool:
        """Whether it is certain that rsyslog keeps nothing of it, nor hands it on."""
        return self.known and all(
            found.known and not found.files and not found.elsewhere for found in self._destinations
        )

    @property
    def stops(self) -> list[Word]:
        """What in rsyslog's rules ends such messages."""
        found = (found.stop for found in self._destinations)
        return list({word.start: word for word in found if word is not None}.values())

    @lazy
    def of_requests(self) -> list[tuple[str, Word | None]]:
        """The files that get what the daemon logs at level info, as haproxy its requests, in the order of the rules."""
        rsyslog = self._node.rsyslog
        found = rsyslog.files(self.facility, "info", self._programs[0], self.transport, self.host, self.place)
        return found.files if found.known else []

    @property
    def everybodys(self) -> set[str]:
        """The files that get the like of any other program, too."""
        found = self._node.rsyslog.files("user", "info", "logger", self.transport, self.host, self.place)
        return {path for path, _ in found.files}

    @lazy
    def _destinations(self) -> list[Destinations]:
        rsyslog = self._node.rsyslog
        return [
            rsyslog.files(self.facility, severity, program, self.transport, self.host, self.place)
            for program in self._programs
            for severity in _SEVERITIES
        ]


class Starved:
    """A log file that is named for a daemon and fed from a facility which the daemon does not log to.

    selectors: the rules of this facility in that file of rsyslog. goes: the files that get the messages instead.
    """

    __slots__ = ("facility", "flow", "goes", "path", "selectors", "word")

    def __init__(self, flow: Flow, path: str, word: Word, facility: str, selectors: list[Word]) -> None:
        self.flow = flow
        self.path = path
        self.word = word
        self.facility = facility
        self.selectors = selectors
        self.goes = list(flow.files)


def read(node: Node) -> list[Flow]:
    """What the daemons of `node` log to its own syslog."""
    found = []
    if node.haproxy is not None:
        programs = _programs(node.haproxy)
        for target in node.haproxy.log_targets:
            if target.statement not in node.haproxy.doubtful and _is_local(node, target):
                found.append(_of_target(node, target, programs))
    if node.keepalived is not None and node.keepalived.statements:
        facility = node.startup.keepalived_facility
        word = facility.word or node.keepalived.statements[0].words[0]
        found.append(Flow(node, "keepalived", _KEEPALIVED, facility.value or "", word))
    return found


def files(node: Node) -> dict[str, tuple[Flow, Word | None]]:
    """The files in which the daemons' logs of `node` end, with the first flow and the word of rsyslog's rule."""
    found: dict[str, tuple[Flow, Word | None]] = {}
    for flow in node.flows:
        for path, word in flow.files.items():
            found.setdefault(path, (flow, word))
    return found


def starved(node: Node) -> list[Starved]:
    """The files named for a daemon that get nothing, since rsyslog fills them from another facility."""
    known = node.flows
    fed = {path for flow in known for path in flow.files}
    used = {flow.facility for flow in known}
    if "" in used or not node.rsyslog.complete:
        return []
    found: dict[str, Starved] = {}
    for statement in node.rsyslog.rulesets[DEFAULT_RULESET]:
        selector = statement.words[0]
        named = compiled(r"(local[0-7])\.[^,;]*").fullmatch(selector.text)
        if named is None or named[1] in used or not selector.source.path:
            continue
        for path, word in _file_actions(statement):
            flow = next((f for f in known if f.daemon in path.rpartition("/")[2]), None)
            if flow is not None and path not in fed and flow.files:
                found.setdefault(path, Starved(flow, path, word, named[1], _selectors(node, selector, named[1])))
    return list(found.values())


def _selectors(node: Node, selector: Word, facility: str) -> list[Word]:
    """The selectors for `facility` alone in the file of `selector`."""
    words = [statement.words[0] for statement in tree_as(node, selector.source, "rsyslog").statements]
    return [word for word in words if compiled(rf"{facility}\.[^,;]*").fullmatch(word.text)]


def _file_actions(statement: Statement) -> list[tuple[str, Word]]:
    targets = [file_of(action) for action in statement.body or ()]
    return [target for target in targets if target is not None and target[0]]


def _of_target(node: Node, target: LogTarget, programs: tuple[str | None, ...]) -> Flow:
    place = target.path if target.kind == "unix" else str(target.port)
    jailed = False
    if (
        target.kind == "unix"
        and place in SYSTEM_SOCKETS
        and node.haproxy is not None
        and node.haproxy.chroot is not None
    ):
        there = node.haproxy.chroot.text.rstrip("/") + place
        jailed = not _is_provided(node, there)
        place = there if jailed else place
    flow = Flow(
        node, "haproxy", programs, target.facility, target.word, transport=target.kind, host=target.host, place=place
    )
    flow.jailed = jailed
    return flow


def _is_provided(node: Node, path: str) -> bool:
    """Whether something else than rsyslog may put a socket at `path`: Debian's unit of haproxy binds the system's
    there, and so may a unit, a drop-in or a mount of this node. Of an unknown distribution nothing is known."""
    if node.targets.family != "el":
        return True
    folder = path.rpartition("/")[0]
    return any(
        folder in source.text
        for name, source in node.files.items()
        if name.startswith(
            ("/etc/systemd/system/", "/run/systemd/", "/usr/lib/systemd/", "/lib/systemd/", "/etc/fstab")
        )
    )


def _is_local(node: Node, target: LogTarget) -> bool:
    if target.kind == "unix":
        return True
    if target.kind not in ("udp", "tcp"):
        return False
    return target.host == "localhost" or is_loopback(target.host) or node.interfaces.has(target.host) is True


def _programs(haproxy: Haproxy) -> tuple[str | None, ...]:
    """The tag of haproxy's messages: None where some log-tag sets it."""
    tagged = "log-tag" in haproxy.keywords or any(
        True for section in haproxy.globals for _ in section.statements("log-tag")
    )
    return (None,) if tagged else ("haproxy",)


def _rotates(path: str) -> bool:
    """Whether `path` is a file that grows."""
    return not path.startswith(("/dev/", "/proc/"))
