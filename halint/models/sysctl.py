"""The kernel parameters that a node has after boot.

systemd-sysctl(8) sets them: the files of /etc/sysctl.d, /run/sysctl.d, /usr/local/lib/sysctl.d and
/usr/lib/sysctl.d in the order of their names, a name in an earlier folder hiding the same name in a later one;
/etc/sysctl.conf only as 99-sysctl.conf, the link that EL 8, EL 9 and Debian 12 ship; EL 7's reads it last of all. A
key of its own outranks every pattern (`net.ipv4.conf.*.rp_filter`), and of several patterns the last that the kernel
takes holds; systemd before 245 knows none. `sysctl --system` of procps differs: it reads /etc/sysctl.conf last of
all, and an assignment that the kernel refuses leaves the one before it in force, where systemd remembers only the
last. ufw sets its own file when it starts, which is later. Measured: systemd 252, procps 4.0.2, Linux 6.18, ufw
0.36.2; of EL 7 and 8 sysctl.c as Red Hat builds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import globs
from halint.models.drop_ins import by_name
from halint.readers import sysctl as reader
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.node import Node
    from halint.source import Source

CONF = "/etc/sysctl.conf"
#: What ufw sets, unless IPT_SYSCTL names another file (ufw-framework(8)).
UFW = "/etc/ufw/sysctl.conf"
#: Where `sysctl -a` stands in a sos report; what the kernel has outranks what the files say.
CAPTURED = "/sos_commands/kernel/sysctl_-a"

#: The integers that halint asks for, as the kernel starts with them.
_KERNEL_DEFAULTS = {
    "net/ipv4/ip_forward": "0",
    "net/ipv4/ip_nonlocal_bind": "0",
    "net/ipv6/ip_nonlocal_bind": "0",
}
#: The same of what each interface has, `net/ipv4/conf/INTERFACE/...`.
_INTERFACE_DEFAULTS = {"arp_announce": "0", "arp_ignore": "0"}
#: Numbers that the kernel gives back as they were written; some times are rounded to its clock (measured: 6.18).
_COMPARED = r"net/(?:core|ipv[46])/(?!neigh/)(?!.*(?:_ms|ratelimit|report_interval|mtu|flush)$)"
#: Keys that a write to another one changes.
_ALIASES = {
    "net/ipv4/ip_forward": "net/ipv4/conf/all/forwarding",
    "net/ipv4/conf/all/forwarding": "net/ipv4/ip_forward",
}
#: Their systemd-sysctl knows no patterns; and no `-` before a key, which is then a name that no kernel has.
_WITHOUT_PATTERNS = frozenset({"el7", "el8", "debian10"})
_WITHOUT_DASH = frozenset({"el7", "debian10"})
_SWAPPED = {ord("."): "/", ord("/"): "."}
_FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")


class Value:
    """The value of one key.

    value: as the kernel has it, or None where `known` is False. word: what the deciding assignment says, which is
    not `value` where the kernel refuses it; None where nothing assigns. path: the file of `word`, on the node.
    """

    __slots__ = ("known", "path", "value", "word")

    def __init__(self, value: str | None, word: Word | None = None, path: str | None = None) -> None:
        self.value = value
        self.known = value is not None
        self.word = word
        self.path = path


class Assignment:
    """One line that sets a key. name: its path below /proc/sys, or a pattern of such. key, word: the words of the line,
    word None for an exclusion. path: its file, on the node."""

    __slots__ = ("key", "name", "path", "word")

    def __init__(self, statement: Statement, path: str) -> None:
        self.key = statement.words[0]
        self.name = _below_proc(statement.keyword.removeprefix("-"))
        self.word = statement.argument()
        self.path = path


class Sysctl:
    """What the files of a node set, and what its kernel had. collected: whether the input would have shown them.
    lines: all that set something at boot, in the order in which systemd reads them. unread: those of /etc/sysctl.conf,
    where systemd does not read it. captured: whether the kernel's own values were captured: they outrank the files."""

    def __init__(self, collected: bool, os: str | None = None) -> None:
        self.collected = collected
        self.captured = False
        self.lines: list[Assignment] = []
        self.unread: list[Assignment] = []
        self._os = os
        # By the path below /proc/sys, in the order in which they are made; an exclusion has no word.
        self._assignments: dict[str, tuple[Word | None, str]] = {}
        self._kernel: dict[str, Word] = {}

    def value(self, key: str) -> Value:
        """The value of `key` (net.ipv4.ip_forward): the kernel's where it was captured, else that after boot.

        Unknown where nothing sets it and halint knows no default for it.
        """
        word = self._loaded(_below_proc(key))
        return self.written(key) if word is None else self._value(_below_proc(key), word, CAPTURED)

    def written(self, key: str) -> Value:
        """The same after the next boot, as the files say."""
        name = _below_proc(key)
        own = self._assignments.get(self._last_alias(name))
        found = self._by_pattern(name) if own is None else [own]
        taken = [(word, path) for word, path in found if word is None or not _is_refused(name, word)] or found
        return self._value(name, *taken[-1]) if taken else self._value(name, None, None)

    def assigning(self, key: str) -> list[Assignment]:
        """The lines that set `key` by its name, at boot or by `sysctl --system`, or another key that is the same."""
        name = _below_proc(key)
        names = name, _ALIASES.get(name)
        return [line for line in (*self.lines, *self.unread) if line.word is not None and line.name in names]

    def excluding(self, key: str) -> Assignment | None:
        """The line that says that no file sets `key`, where it is the last about it."""
        name = _below_proc(key)
        last = next((line for line in reversed(self.lines) if line.name == name), None)
        return last if last is not None and last.word is None else None

    def not_applied(self) -> Iterator[tuple[Assignment, Word]]:
        """The lines of files that decide a number of the network, and the word of the kernel where it had another."""
        last = {line.name: line for line in self.lines}
        for name, line in last.items():
            loaded = self._loaded(name)
            if line.word is None or loaded is None or not compiled(_COMPARED).match(name):
                continue
            if not all(compiled(r"-?[0-9a-fA-FxX]+").fullmatch(word.text) for word in (line.word, loaded)):
                continue  # a list or a word
            written, found = _number(line.word.text), _number(loaded.text)
            if None not in (written, found) and written != found and _ALIASES.get(name) not in last:
                yield line, loaded

    def only_by_hand(self) -> Iterator[Assignment]:
        """The lines of /etc/sysctl.conf that `sysctl --system` lets decide, and of which nothing is known at boot."""
        for line in {line.name: line for line in self.unread}.values():
            boot, _ = self._assignments.get(line.name, (None, ""))
            if line.word is not None and (boot is None or boot.text != line.word.text):
                yield line

    def _value(self, name: str, word: Word | None, path: str | None) -> Value:
        default = _default(name)
        if word is None:
            return Value(default if self.collected else None)
        if _is_masked(word):
            return Value(None, word, path)
        number = _number(word.text)
        if default is None:
            alone = number is not None and not compiled(r"[ \t]").search(word.text)
            return Value(number if alone else word.text, word, path)
        return Value(default if number is None else number, word, path)

    def assign(self, path: str, source: Source) -> None:
        """Take over what the file at `path` sets."""
        for statement in reader.read(source).statements:
            if statement.keyword.startswith("-") and self._os in _WITHOUT_DASH:
                continue
            line = Assignment(statement, path)
            self.lines.append(line)
            old, _ = self._assignments.get(line.name, (None, ""))
            if old is None or line.word is None or old.text != line.word.text:  # what is said again keeps its place
                self._assignments.pop(line.name, None)
            self._assignments[line.name] = (line.word, path)

    def capture(self, source: Source) -> None:
        """Take over what `sysctl -a` printed."""
        self.captured = True
        for line in compiled(r"(?m)^([^ \t\r\n=]+) = ([^\r\n]*[^ \t\r\n])").finditer(source.text):
            self._kernel[line[1]] = Word(source, line.start(2), line.end(2))

    def _loaded(self, name: str) -> Word | None:
        """What the kernel had at `name` below /proc/sys, which `sysctl -a` prints with dots and slashes swapped."""
        return self._kernel.get(name.translate(_SWAPPED)) if self._kernel else None

    def _last_alias(self, name: str) -> str:
        """Of `name` and the key that changes with it the one that is written last."""
        other = _ALIASES.get(name)
        return name if other is None else next((n for n in reversed(self._assignments) if n in (name, other)), name)

    def _by_pattern(self, name: str) -> list[tuple[Word | None, str]]:
        """What the patterns that match `name` assign, in order."""
        if self._os in _WITHOUT_PATTERNS:
            return []
        return [
            (word, path)
            for pattern, (word, path) in self._assignments.items()
            if word is not None
            and compiled(r"[*?[]").search(pattern)
            and pattern.count("/") == name.count("/")
            and globs.matches(pattern, name)
        ]


def read(node: Node) -> Sysctl:
    """The kernel parameters of `node`."""
    captured = node.files.get(CAPTURED)
    seen = any(compiled(r"(?<!/ufw)/sysctl\.(?:conf$|d/)").search(path) for path in node.files)
    model = Sysctl("sysctl" in node.collected or captured is not None or seen, node.targets.os)
    for path in (files := _files(node)):
        model.assign(path, node.files[path])
    if captured is not None:
        model.capture(captured)
    if CONF in node.files and CONF not in files:
        model.unread = [Assignment(statement, CONF) for statement in reader.read(node.files[CONF]).statements]
    return model


def _files(node: Node) -> list[str]:
    """The files that are read at boot, in order."""
    masks = [path for path, target in node.links.items() if target == "/dev/null"]
    chosen = by_name([*masks, *node.files], _FOLDERS)
    last = []
    if node.targets.os == "el7":
        last = [CONF]
        if _is_link_to_sysctl_conf(node):
            chosen.pop("99-sysctl.conf", None)
    elif not chosen.get("99-sysctl.conf", "").startswith("/etc/") or _is_link_to_sysctl_conf(node):
        chosen["99-sysctl.conf"] = CONF
    ordered = [chosen[name] for name in sorted(chosen)] + last
    ufw = node.firewall.ufw if UFW in node.files else None
    ordered += [] if ufw is None else [ufw.sysctl]
    return [path for path in ordered if path in node.files]


def _is_link_to_sysctl_conf(node: Node) -> bool:
    return node.links.get("/etc/sysctl.d/99-sysctl.conf") in ("../sysctl.conf", CONF)


def _below_proc(key: str) -> str:
    """The path of `key` below /proc/sys: where the first separator is a dot, dots and slashes are swapped."""
    key = key.lstrip(" \t")
    first = compiled(r"[./]").search(key)
    if first is not None and first[0] == ".":
        key = key.translate(_SWAPPED)
    return "/".join(part for part in key.split("/") if part)


def _default(name: str) -> str | None:
    """What the kernel starts with, of the integers that halint knows."""
    return _KERNEL_DEFAULTS.get(name) or _INTERFACE_DEFAULTS.get(name.rpartition("/")[2])


def _is_masked(word: Word) -> bool:
    return bool(word.text) and not word.text.strip("*")


def _is_refused(name: str, word: Word) -> bool:
    """Whether the kernel certainly refuses `word` for `name`."""
    return _default(name) is not None and not _is_masked(word) and _number(word.text) is None


def _number(text: str) -> str | None:
    """The integer that the kernel reads at the start of `text`, or None where it refuses to (measured)."""
    found = compiled(r"(-?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))(?=[ \t\r\n]|$)").match(text)
    if found is None:
        return None
    sign, hexadecimal, octal, decimal = found.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(decimal or octal or "0", 10 if decimal else 8)
    return f"{sign}{number}" if number < 1 << 31 else None
