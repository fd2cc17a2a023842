"""What SELinux keeps the scripts of keepalived from on EL: they run as keepalived_t, but for those in one folder.

keepalived.te of https://github.com/fedora-selinux/selinux-policy lets keepalived_t run what has the type bin_t and
shells; systemctl (systemd_systemctl_exec_t) and the clients of containers (container_runtime_exec_t) have others,
and so have homes. It may connect to few TCP ports. keepalived.fc gives what is in /usr/libexec/keepalived a type by
which it runs unconfined. Seen by operators on CentOS 7 and 8 and Fedora: keepalived issues 1322, 1984 and 2215.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.models import check_script
from halint.models.selinux_policy import KEEPALIVED_CONNECTS, is_of
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.models.selinux import Selinux
    from halint.node import Node

UNCONFINED = "/usr/libexec/keepalived/"
BOOLEAN = "keepalived_connect_any"
#: Programs that keepalived_t may not run; service(8) is a script that runs systemctl.
_PROGRAMS = {"systemctl": "systemctl", "service": "systemctl", "docker": "docker", "podman": "podman"}
_HOMES = r"/(?:root|home/[^/]+)/(?!bin/)"
_SHELL = r"#![ \t]*/(?:usr/)?bin/(?:env[ \t]+)?(?:ba|da|k|z)?sh(?![\w/])"
_NETCATS = frozenset({"nc", "ncat", "netcat"})
_TCP = r"/dev/tcp/[^/ \t\r\n]+/([0-9]{1,5})(?![0-9])"


class Deeds:
    """What a command does that keepalived_t may not. at_home: whether its file may not even be run where it is.
    programs: that it may not run. ports: the TCP ports that it may not connect to. inline: whether it is one such
    program or client itself. in_file: whether it is a script in a file, which may have another label."""

    __slots__ = ("at_home", "in_file", "inline", "ports", "programs")

    def __init__(self, programs: list[str], ports: list[int], at_home: bool, in_file: bool, inline: bool) -> None:
        self.programs = programs
        self.ports = ports
        self.at_home = at_home
        self.in_file = in_file
        self.inline = inline

    def __bool__(self) -> bool:
        return bool(self.at_home or self.programs or self.ports)


def deeds(node: Node, command: str) -> Deeds | None:
    """What `command` of `node` does against the stock policy; None where that allows all of it, or where nothing is
    known of it."""
    words = check_script.command_words(command)
    code, path = command, words[0] if words else ""
    if posixpath.basename(path) in check_script.SHELLS:
        if "-c" in words:
            code, path = command.partition("-c")[2], ""
        else:
            path = next((word for word in words[1:] if not word.startswith("-")), "")
    if path.startswith(UNCONFINED):
        return None
    source = check_script.script(node, path)
    if source is not None:
        foreign = source.text.startswith("#!") and not compiled(_SHELL).match(source.text)
        code = "" if foreign else check_script.uncommented(source.text)
    at_home = compiled(_HOMES).match(path) is not None
    run = check_script.commands(code)
    programs = dict.fromkeys(_PROGRAMS.get(posixpath.basename(one[0]), "") for one in run)
    ports = dict.fromkeys(port for port in _ports(run, code) if not is_of(KEEPALIVED_CONNECTS, port))
    in_file = at_home or source is not None
    found = Deeds([name for name in programs if name], sorted(ports), at_home, in_file, bool(path) and not in_file)
    return found if found else None


def refused(selinux: Selinux, done: Deeds) -> Deeds:
    """Of these what is refused, as far as the ports and booleans of the node are known."""
    ports = [port for port in done.ports if selinux.lets_connect(KEEPALIVED_CONNECTS, port, BOOLEAN) is False]
    return Deeds(done.programs, ports, done.at_home, done.in_file, done.inline)


def _ports(run: list[list[str]], code: str) -> Iterator[int]:
    """The TCP ports that the commands ask."""
    for words in run:
        asked = check_script.asked(words)
        by_udp = posixpath.basename(words[0]) in _NETCATS and any(
            compiled(r"-\w*u\w*|--udp").fullmatch(w) for w in words
        )
        if asked is not None and not by_udp:
            yield asked[1]
    for port in compiled(_TCP).findall(code):
        yield int(port)
