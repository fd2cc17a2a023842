"""The units of systemd that commands in scripts and configurations name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.readers.lexer import compiled, occurrences
from halint.tree import Word

if TYPE_CHECKING:
    from halint.node import Node
    from halint.source import Source

#: Names that no package of EL 7 to 9, Debian 10 to 12 or Ubuntu gives a unit, and what is meant.
_MISNAMED = {
    "rsyslogd": "rsyslog",
    "haproxyd": "haproxy",
    "ha-proxy": "haproxy",
    "keepalive": "keepalived",
    "keepalivedd": "keepalived",
    "firewall": "firewalld",
    "firewall-cmd": "firewalld",
    "logrotated": "logrotate",
}
_ACTIONS = "start|stop|restart|reload|try-restart|reload-or-restart|condrestart|status|is-active|kill|rotate"
_OPTIONS = r"(?:(?:-s|--signal|-n|-t|-H|-M)[ \t]+[^ \t\n]+[ \t]+|-[^ \t\n]+[ \t]+)*"
_UNIT = r"([A-Za-z][\w@.-]*)"
_COMMAND = (
    rf"(?<![\w-])(?:systemctl[ \t]+{_OPTIONS}(?:{_ACTIONS})[ \t]+{_OPTIONS}{_UNIT}"
    rf"|service[ \t]+{_UNIT}[ \t]+(?:{_ACTIONS})(?![\w-]))"
)


def misnamed(node: Node) -> Iterator[tuple[Word, str]]:
    """The names in commands of scripts, of keepalived and of logrotate that no unit has, each with the right one."""
    for path, source in sorted(node.files.items()):
        if not path.startswith(
            ("/etc/keepalived/", "/etc/logrotate", "/usr/local/", "/usr/libexec/keepalived/", "/opt/")
        ):
            continue
        for start, name in _named(source):
            right = _MISNAMED.get(name.removesuffix(".service"))
            if right is not None and f"/etc/systemd/system/{name.removesuffix('.service')}.service" not in node.files:
                yield Word(source, start, start + len(name)), right + (".service" if name.endswith(".service") else "")


def _named(source: Source) -> Iterator[tuple[int, str]]:
    """The units that commands of `source` name, with where."""
    end = 0
    for at in sorted(at for program in ("systemctl", "service") for at in occurrences(source.text, program)):
        match = compiled(_COMMAND).match(source.text, at) if at >= end else None
        if match is None:
            continue
        end = match.end()
        before = source.text[source.line_start(match.start()) : match.start()]
        if "#" in before or "!" in before:
            continue
        group = 1 if match[1] else 2
        yield match.start(group), match[group]
