"""How a node starts keepalived and haproxy: options files, units and their drop-ins, wants-links, masks, systemctl.

Where the input holds no unit of its own, the distribution's stock unit counts: EL 7 to 9 pass KEEPALIVED_OPTIONS
of /etc/sysconfig/keepalived, Debian DAEMON_ARGS of /etc/default/keepalived. Sources: systemd.unit(5),
systemd.service(5) "Command lines", systemd.exec(5) "EnvironmentFile"; the units of Debian 12 (keepalived 2.2.7,
haproxy 2.6.12) and of EL 7 to 9; keepalived(8), measured: `-S 1` and `-S local1` are local1, `-S 9` is reported
and leaves the default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lazy import lazy
from halint.models.drop_ins import UNIT_FOLDERS, by_name
from halint.models.reading import tree_as
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.systemctl import Systemctl
    from halint.node import Node
    from halint.source import Source

_KEEPALIVED = ("keepalived.service", "/etc/sysconfig/keepalived", "/etc/default/keepalived")
_HAPROXY = ("haproxy.service", "/etc/sysconfig/haproxy", "/etc/default/haproxy")

#: The stock units' [Service] sections, by unit and distribution.
_STOCK: dict[tuple[str, str | None], dict[str, str]] = {
    ("keepalived.service", "el"): {
        "EnvironmentFile": "-/etc/sysconfig/keepalived",
        "ExecStart": "/usr/sbin/keepalived $KEEPALIVED_OPTIONS",
    },
    ("keepalived.service", "debian"): {
        "EnvironmentFile": "-/etc/default/keepalived",
        "ExecStart": "/usr/sbin/keepalived --dont-fork $DAEMON_ARGS",
    },
    ("haproxy.service", "el7"): {
        "EnvironmentFile": "-/etc/sysconfig/haproxy",
        "ExecStart": "/usr/sbin/haproxy-systemd-wrapper -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid $OPTIONS",
    },
    ("haproxy.service", "el"): {
        "Environment": "CONFIG=/etc/haproxy/haproxy.cfg CFGDIR=/etc/haproxy/conf.d PIDFILE=/run/haproxy.pid",
        "EnvironmentFile": "-/etc/sysconfig/haproxy",
        "ExecStart": "/usr/sbin/haproxy -Ws -f $CONFIG -f $CFGDIR -p $PIDFILE $OPTIONS",
    },
    ("haproxy.service", "debian"): {
        "Environment": "CONFIG=/etc/haproxy/haproxy.cfg PIDFILE=/run/haproxy.pid",
        "EnvironmentFile": "-/etc/default/haproxy",
        "ExecStart": "/usr/sbin/haproxy -Ws -f $CONFIG -p $PIDFILE $EXTRAOPTS",
    },
}

#: The options file of keepalived that the stock unit reads, and the variable in it, by family.
_READ = {
    "el": ("/etc/sysconfig/keepalived", "KEEPALIVED_OPTIONS"),
    "debian": ("/etc/default/keepalived", "DAEMON_ARGS"),
}
#: Variables that some distribution's unit passes to keepalived.
_OPTIONS_VARIABLES = frozenset({"KEEPALIVED_OPTIONS", "DAEMON_ARGS", "KEEPALIVED_OPTS", "OPTIONS"})

#: keepalived's options by their short names: those with an argument, and those without that halint asks for.
_ARGUMENTS = {
    "A": "snmp-agent-socket", "M": "core-dump-pattern", "S": "log-facility", "b": "bfd_pid", "c": "checkers_pid",
    "f": "use-file", "i": "config-id", "p": "pid", "r": "vrrp_pid", "s": "namespace", "u": "umask",
}  # fmt: skip
_FLAGS = {
    "C": "check", "D": "log-detail", "G": "no-syslog", "P": "vrrp", "R": "dont-respawn", "V": "dont-release-vrrp",
}  # fmt: skip
#: The argument of these is optional and part of the same word.
_OPTIONAL = "gt"


class Argument:
    """One word of a command line. word: where it is written, or None where it is the distribution's."""

    __slots__ = ("text", "word")

    def __init__(self, text: str, word: Word | None = None) -> None:
        self.text = text
        self.word = word

    def __repr__(self) -> str:
        return f"Argument({self.text!r})"


class Facility:
    """The syslog facility of a daemon (`daemon`, `local1`), None where unknown, and the word that sets it, if any."""

    __slots__ = ("value", "word")

    def __init__(self, value: str | None, word: Word | None = None) -> None:
        self.value = value
        self.word = word


class Startup:
    """keepalived_command, haproxy_command: the arguments of each daemon; None where they are unknown."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.keepalived_command = _command(node, *_KEEPALIVED)
        self.haproxy_command = _command(node, *_HAPROXY)
        self._options = _keepalived_options(self.keepalived_command or [])

    @property
    def keepalived_options(self) -> list[Word]:
        """The words of keepalived's command line that are written on this node."""
        return [a.word for a in self.keepalived_command or () if a.word is not None]

    def keepalived_option(self, name: str) -> Argument | None:
        """keepalived's option of the long name `name` (use-file, log-facility, vrrp, check, log-detail, no-syslog,
        dont-respawn, dont-release-vrrp), with its argument where it takes one; the last of several."""
        return self._options.get(name)

    @property
    def keepalived_facility(self) -> Facility:
        """The facility that keepalived logs with: `daemon` unless -S says another; unknown with -G."""
        if self.keepalived_command is None or "no-syslog" in self._options:
            return Facility(None)
        option = self._options.get("log-facility")
        if option is None:
            return Facility("daemon")
        if option.text in ("daemon", "user"):
            return Facility(option.text, option.word)
        number = compiled(r"(local)?([0-7])").fullmatch(option.text)
        if number is None:
            return Facility("daemon", option.word)
        if number[1] and self._node.targets.os == "el7":
            return Facility(None, option.word)  # keepalived 1.3.5 documents numbers alone
        return Facility(f"local{number[2]}", option.word)

    @property
    def haproxy_files(self) -> list[Argument] | None:
        """The files and folders that haproxy is started with, in load order; None where unknown."""
        words = self.haproxy_command
        if words is None:
            return None
        rest = next((at for at, word in enumerate(words) if word.text == "--"), len(words))
        return [words[at + 1] for at in range(rest - 1) if words[at].text == "-f"] + words[rest + 1 :]

    @property
    def unread(self) -> list[tuple[Word, str, str]]:
        """The options of keepalived that are written and never passed to it: the name of each variable, where it
        would have to stand, and its name there. Nothing where a unit of the node's own says what is read."""
        family = self._node.targets.family
        if family is None or any(path.endswith("/keepalived.service") for path in self._node.files):
            return []
        right, name = _READ[family]
        return [
            (statement.words[0], right, name)
            for path in ("/etc/sysconfig/keepalived", "/etc/default/keepalived")
            for statement in self.assignments(path)
            if len(statement.words) > 1
            and statement.words[1].text
            and (path, statement.keyword) != (right, name)
            and statement.keyword in _OPTIONS_VARIABLES
        ]

    @lazy
    def systemctl(self) -> Systemctl | None:
        """What systemctl said of the units; None where nothing of that was captured."""
        if not any(path.startswith("/sos_commands/systemd/") for path in self._node.files):
            return None
        from halint.models.systemctl import Systemctl

        return Systemctl(self._node)

    def state(self, unit: str) -> tuple[str | None, Word | None]:
        """Whether `unit` was "active", "failed" or "inactive" when that was captured, and where it says so; (None,
        None) where it is not known, also where systemd has no such unit."""
        return (None, None) if self.systemctl is None else self.systemctl.state(_unit(unit))

    def has_unit(self, unit: str) -> bool:
        """Whether systemd may have `unit`: something else starts a daemon that has none."""
        return self.systemctl is None or not self.systemctl.files or _unit(unit) in self.systemctl.files

    def assignments(self, path: str) -> list[Statement]:
        source = self._node.files.get(path)
        return [] if source is None else tree_as(self._node, source, "assignments").statements

    def enabled(self, unit: str) -> bool | None:
        """Whether systemd starts `unit` at boot: what it said itself, else whether a target of /etc/systemd/system
        wants it; None where neither was collected."""
        said = self.systemctl.enabled(_unit(unit)) if self.systemctl is not None else None
        if said is not None:
            return said
        if self.masked(unit):
            return False
        wanted = [
            path
            for path in self._node.links
            if path.startswith("/etc/systemd/system/") and path.rpartition("/")[0].endswith((".wants", ".requires"))
        ]
        if any(path.rpartition("/")[2] == _unit(unit) for path in wanted):
            return True
        return False if any("/multi-user.target.wants/" in path for path in wanted) else None

    def masked(self, unit: str) -> bool | None:
        """Whether systemd refuses to start `unit`: it said so, or the unit is a link to /dev/null; None where nothing
        of that was collected."""
        if self.systemctl is not None and self.systemctl.files:
            word = self.systemctl.files.get(_unit(unit))
            return word is not None and word.text == "masked"
        links = {p: target for p, target in self._node.links.items() if p.startswith("/etc/systemd/system/")}
        return links.get(f"/etc/systemd/system/{_unit(unit)}") == "/dev/null" if links else None


def read(node: Node) -> Startup:
    """How `node` starts its daemons."""
    return Startup(node)


def _unit(name: str) -> str:
    return name if "." in name else name + ".service"


def _command(node: Node, unit: str, el: str, debian: str) -> list[Argument] | None:
    """The arguments that `unit` starts its daemon with. el, debian: the options files of the distributions."""
    service = _Service(node)
    files = [f"{folder}/{unit}" for folder in UNIT_FOLDERS if f"{folder}/{unit}" in node.files]
    if files:
        service.read(node.files[files[0]])
    else:
        family = node.targets.family
        if family is None and (el in node.files) != (debian in node.files):
            family = "el" if el in node.files else "debian"
        stock = _STOCK.get((unit, node.targets.os)) or _STOCK.get((unit, family))
        if not stock or "options" not in node.collected and el not in node.files and debian not in node.files:
            return None
        for key, text in stock.items():
            service.set(key, Argument(text))
    drop_ins = by_name(node.files, tuple(f"{folder}/{unit}.d" for folder in UNIT_FOLDERS))
    for name in sorted(drop_ins):
        service.read(node.files[drop_ins[name]])
    return service.command()


class _Service:
    """The settings of a [Service] section that decide a command line."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.settings: dict[str, list[Argument]] = {"Environment": [], "EnvironmentFile": [], "ExecStart": []}

    def read(self, source: Source) -> None:
        for section in tree_as(self.node, source, "ini").statements:
            if section.keyword == "Service":
                for statement in section.statements(*self.settings):
                    word = statement.words[1]
                    self.set(statement.keyword, Argument(word.text, word))

    def set(self, key: str, value: Argument) -> None:
        """Add `value` to the setting; an empty one takes back what was set before."""
        self.settings[key] = [*self.settings[key], value] if value.text else []

    def command(self) -> list[Argument] | None:
        """The arguments of the last ExecStart, variables expanded; None where a value cannot be told."""
        if not self.settings["ExecStart"]:
            return None
        environment = self.environment()
        if environment is None:
            return None
        found: list[Argument] = []
        for part in _split(self.settings["ExecStart"][-1])[1:]:
            whole = compiled(r"\$([A-Za-z_]\w*)").fullmatch(part.text)
            if whole is not None:
                found += _split(environment.get(whole[1], Argument("")))
            else:
                found.append(_substituted(part, environment))
        return found

    def environment(self) -> dict[str, Argument] | None:
        """The variables: those of files outrank those of Environment=."""
        found: dict[str, Argument] = {}
        for setting in self.settings["Environment"]:
            for part in _split(setting):
                name, _, text = part.text.partition("=")
                found[name] = Argument(text, part.word)
        for setting in self.settings["EnvironmentFile"]:
            source = self.node.files.get(setting.text.removeprefix("-"))
            for statement in [] if source is None else tree_as(self.node, source, "assignments").statements:
                if len(statement.words) < 2:
                    continue
                if _has_more_on_its_line(statement):
                    return None
                found[statement.keyword] = Argument(statement.words[1].text, statement.words[1])
        return found


def _has_more_on_its_line(statement: Statement) -> bool:
    """Whether a comment follows the value: to systemd it is a part of it."""
    source = statement.source
    return bool(source.text[statement.end : source.line_end(statement.end)].strip(" \t\r\n"))


def _split(value: Argument) -> list[Argument]:
    """The words of a command line or of a variable's value, without their quotes (systemd.service(5))."""
    word = value.word
    pattern = compiled(r"""(?>(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^ \t\r\n"'\\]|["'\\])+)""")
    found = []
    for match in pattern.finditer(value.text):
        place = None
        if word is not None:
            inner = word.start + word.raw.startswith(('"', "'"))
            plain = word.source.text.startswith(value.text, inner)
            span = (inner + match.start(), inner + match.end()) if plain else (word.start, word.end)
            place = Word(word.source, *span, _unquoted(match[0]))
        found.append(Argument(_unquoted(match[0]), place))
    return found


def _unquoted(text: str) -> str:
    return compiled(r"""(?s)\\(.)|["']""").sub(lambda match: match[1] or "", text)


def _substituted(part: Argument, environment: dict[str, Argument]) -> Argument:
    """`part` with each ${NAME} replaced by the variable's value, as one word."""
    text = compiled(r"\$\{(\w+)\}").sub(lambda m: environment.get(m[1], Argument("")).text, part.text)
    return part if text == part.text else Argument(text, part.word)


def _keepalived_options(command: list[Argument]) -> dict[str, Argument]:
    """The options of a keepalived command line by their long names, as getopt_long(3) reads them."""
    found: dict[str, Argument] = {}
    arguments = iter(command)
    for argument in arguments:
        text = argument.text
        if text == "--":
            break
        if text.startswith("--"):
            name, equals, value = text[2:].partition("=")
            if name not in _ARGUMENTS.values():
                found[name] = argument
            else:
                found[name] = Argument(value, argument.word) if equals else next(arguments, argument)
            continue
        for at in range(1, len(text) if text.startswith("-") else 1):
            if text[at] in _ARGUMENTS:
                rest = text[at + 1 :]
                found[_ARGUMENTS[text[at]]] = Argument(rest, argument.word) if rest else next(arguments, argument)
            elif text[at] in _FLAGS:
                found[_FLAGS[text[at]]] = argument
            if text[at] in _ARGUMENTS or text[at] in _OPTIONAL:
                break
    return found
