"""What a check of keepalived does: which program it looks at, and whether it stops keepalived itself.

Commands whose meaning is fixed (`killall -0 haproxy`) and scripts that are in the input are understood; of
anything else nothing is known. A script that stops keepalived when it fails moves the addresses whatever its
weight says: every fifth public cluster has one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.address import canonical, is_loopback
from halint.models.keepalived.tracking import VrrpScript
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.models.haproxy.listeners import Bind
    from halint.models.keepalived.tracking import Tracked
    from halint.node import Node
    from halint.source import Source

#: Programs that look at others by name and change nothing, or only with what `_STOPS` finds.
_BY_NAME = frozenset({"killall", "pkill", "pgrep", "pidof", "systemctl", "service", "rc-service", "supervisorctl"})
_BY_PORT = frozenset({"curl", "wget", "nc", "ncat", "netcat", "nmap", "telnet"})
_BY_NETWORK = frozenset({"ping", "ping6", "fping", "arping"})
_LOOKING = frozenset(
    {"[", "cat", "echo", "exit", "false", "grep", "kill", "lsof", "netstat", "ps", "socat", "ss", "test", "true"}
)
#: Those that ask an address or a port.
ASKING = _BY_PORT | _BY_NETWORK
#: Those of them that decide what a script looks at.
_TELLING = _BY_NAME | ASKING | {"lsof", "netstat", "socat", "ss"}
SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh"})
_WRAPPERS = frozenset({"sudo", "env", "nice", "ionice", "timeout", "exec", "nohup"})
_SYNTAX = frozenset({"if", "elif", "while", "until", "then", "else", "do", "!", "{", "time", "fi", "done"})
_VERBS = frozenset({"status", "is-active", "is-failed", "start", "stop", "restart", "reload", "check", "show"})
_QUIET = frozenset({"echo", "logger", "printf"})

_COMMENT = r"(?m)(?:^|(?<=[ \t;]))#[^\n]*"
_SEGMENT = r"\n|;|&&|\|\|"
_COMMAND = r"[\n;|&()`]+"
_WORD = r"[^ \t\r\n\"']+"
_HAPROXY = r"(?<![A-Za-z0-9])haproxy(?![A-Za-z0-9])"
#: keepalived as a program or in the name of its pid file; not its folder, nor a name that begins so.
_KEEPALIVED = r"(?:(?<![\w/-])|(?<=init\.d/))keepalived(?![\w/-])|keepalived\w*\.pid(?!\w)"
_STOPS = r"(?<![\w-])(?:kill|pkill|killall|stop)(?![\w-])"
_SPARES = r"(?<![\w-])-(?:0|s[ =]?0|1|HUP|SIGHUP|USR[12]|SIGUSR[12])(?!\w)"
_OTHER_FILE = r"(?:^|[ \t(`])(?:(?:\.|source)[ \t]+\S|[\w./${}-]*/[\w.${}-]+\.(?:sh|py|pl|rb)(?!\w))"


class Check:
    """What is known of a check.

    target: the program whose death makes it fail ("haproxy", "nginx"), or another thing that it certainly looks
    at ("the network", "port 8080", "interface eth0"); None where unknown. stops_keepalived: whether it does so
    when it fails; None where unknown. source: the script, where it is in the input.
    """

    __slots__ = ("source", "stops_keepalived", "target")

    def __init__(self, target: str | None, stops_keepalived: bool | None, source: Source | None = None) -> None:
        self.target = target
        self.stops_keepalived = stops_keepalived
        self.source = source

    @property
    def port(self) -> str:
        """The port of the node that it asks and that haproxy does not bind, or ""."""
        return (self.target or "").removeprefix("port ") if (self.target or "").startswith("port ") else ""

    @property
    def looks_at_haproxy(self) -> bool | None:
        """Whether the check fails when haproxy dies."""
        return None if self.target is None else self.target == "haproxy"


def read(node: Node, tracked: Tracked) -> Check:
    """What the check that an instance of `node` tracks does."""
    if tracked.kind == "interface":
        return Check(f"interface {tracked.name}", False)
    if isinstance(tracked.tracker, VrrpScript):
        return of_command(node, tracked.tracker.command)
    if tracked.kind == "process" and tracked.tracker is not None:
        process = next(tracked.tracker.statement.statements("process"), None)
        word = process.argument() if process else None
        return Check(posixpath.basename(word.text.partition(" ")[0]) if word else None, False)
    return Check(None, False)


def of_command(node: Node, command: str) -> Check:
    """What the command of a vrrp_script does."""
    words = command_words(command)
    if not words:
        return Check(None, None)
    name = posixpath.basename(words[0])
    if name in SHELLS:
        if "-c" in words:
            return _of_text(node, command.partition("-c")[2])
        words = [word for word in words[1:] if not word.startswith("-")]
        if not words:
            return Check(None, None)
    source = script(node, words[0])
    if source is not None:
        return _of_text(node, source.text, source)
    if name in _BY_NAME | ASKING | _LOOKING:
        return Check(_target(node, words), bool(_stops(command)))
    return Check(None, None)


def stops_haproxy(node: Node, command: str) -> bool:
    """Whether `command`, or the script that it runs, stops haproxy."""
    source = script(node, (command_words(command) or [""])[0])
    code = command if source is None else uncommented(source.text)
    parts = [part for part in _spoken_of(code) if compiled(_HAPROXY).search(part)]
    return any(compiled(_STOPS).search(part) and not compiled(_SPARES).search(part) for part in parts)


def script(node: Node, path: str) -> Source | None:
    """The script at `path`, or of its name beside the configuration where the layout has no folders."""
    found = node.files.get(path)
    if found is None and node.root is None:
        name = posixpath.basename(path)
        found = next((source for at, source in sorted(node.files.items()) if posixpath.basename(at) == name), None)
    return found


def _of_text(node: Node, text: str, source: Source | None = None) -> Check:
    code = uncommented(text)
    stops = _stops(code)
    if any(compiled(_HAPROXY).search(part) for part in _spoken_of(code)):
        return Check("haproxy", stops, source)
    targets = {_target(node, words) for words in commands(code) if posixpath.basename(words[0]) in _TELLING}
    targets.discard("keepalived")
    if "haproxy" in targets:
        return Check("haproxy", stops, source)
    known = len(targets) == 1 and "/dev/tcp" not in code
    return Check(targets.pop() if known else None, stops, source)


def uncommented(text: str) -> str:
    """The code of a shell script: without comments, lines that go on joined."""
    return compiled(_COMMENT).sub("", text.replace("\\\n", " "))


def commands(code: str) -> list[list[str]]:
    """The simple commands of `code`, each as its words, without what only runs the rest."""
    return [words for part in compiled(_COMMAND).split(code) if (words := command_words(part))]


def _stops(code: str) -> bool | None:
    """Whether some command stops keepalived; None where another file is run, which may."""
    parts = list(_spoken_of(code))
    for part in parts:
        if compiled(_KEEPALIVED).search(part) and compiled(_STOPS).search(part) and not compiled(_SPARES).search(part):
            return True
    return None if any(compiled(_OTHER_FILE).search(part) for part in parts) else False


def _spoken_of(code: str) -> Iterator[str]:
    """The commands of `code`, pipes and substitutions whole, without those that only print."""
    for part in compiled(_SEGMENT).split(code):
        words = command_words(part)
        if words and words[0] not in _QUIET:
            yield part


def _target(node: Node, words: list[str]) -> str | None:
    """What the simple command `words` looks at."""
    name, arguments = posixpath.basename(words[0]), words[1:]
    if name not in _BY_NAME | ASKING | _LOOKING:
        return None
    if compiled(_HAPROXY).search(" ".join(arguments)):
        return "haproxy"
    if name in _BY_NETWORK:
        return "the network"
    if name in _BY_PORT:
        return _of_port(node, words)
    if name in _BY_NAME:
        plain = [word for word in arguments if not word.startswith("-") and word not in _VERBS]
        known = bool(plain) and compiled(r"[A-Za-z][\w.@-]*").fullmatch(plain[-1])
        return plain[-1].removesuffix(".service") if known else None
    return None


def asked(words: list[str]) -> tuple[str, int] | None:
    """The host and the TCP port that the simple command `words` asks; None where it asks none that is known."""
    if posixpath.basename(words[0]) not in _BY_PORT:
        return None
    text = " ".join(words[1:])
    url = compiled(r"(https?)://(\[[^\]]*\]|[^/: ]+)(?::([0-9]+))?").search(text)
    if url is not None:
        return url[2], int(url[3]) if url[3] else (443 if url[1] == "https" else 80)
    pair = compiled(r"(?:^| )([A-Za-z0-9.:-]*[A-Za-z0-9])[ :/]([0-9]{1,5})(?![^ ])").search(text)
    return None if pair is None else (pair[1], int(pair[2]))


def _of_port(node: Node, words: list[str]) -> str | None:
    """What serves the local port that `curl` or `nc` asks: haproxy, where one of its binds has it."""
    place = asked(words)
    if place is None:
        return None
    host, port = place
    binds = [bind for proxy in node.haproxy.proxies for bind in proxy.binds] if node.haproxy else []
    if not _is_here(node, host.strip("[]"), binds):
        return None
    if any(bind.known and bind.protocol == "tcp" and bind.low <= port <= bind.high for bind in binds):
        return "haproxy"
    return f"port {port}" if binds and all(bind.known for bind in binds) else None


def _is_here(node: Node, host: str, binds: list[Bind]) -> bool:
    """Whether `host` certainly is this node, or an address that moves with the check's own verdict."""
    if host == "localhost" or is_loopback(host):
        return True
    found = canonical(host)
    vips = {vip for instance in node.keepalived.instances for vip in instance.all_vips} if node.keepalived else set()
    return found is not None and (found in vips or any(bind.address == found for bind in binds))


def command_words(text: str) -> list[str]:
    """The words of a command line, without what only runs the rest (`timeout 2 ...`); quotes are none."""
    return _unwrapped(_words(text))


def _words(text: str) -> list[str]:
    """The words of a command line; quotes are none."""
    found: list[str] = compiled(_WORD).findall(text)
    return found


def _unwrapped(words: list[str]) -> list[str]:
    """`words` without the shell's own words, assignments and what only runs the rest (`timeout 2 ...`)."""
    at = 0
    while at < len(words):
        word = posixpath.basename(words[at])
        if word in _WRAPPERS:
            at += 1
            while at < len(words) and compiled(r"-.*|[0-9.]+[smh]?|\w+=.*").fullmatch(words[at]):
                at += 1
        elif words[at] in _SYNTAX or compiled(r"[A-Za-z_]\w*=.*").fullmatch(words[at]):
            at += 1
        else:
            break
    return words[at:]
