"""The kernel parameters that a node has after boot.

systemd-sysctl(8) sets them: the files of /etc/sysctl.d, /run/sysctl.d, /usr/local/lib/sysctl.d and
/usr/lib/sysctl.d in the order of their names, a name in an earlier folder hiding the same name in a later one;
/etc/sysctl.conf only as 99-sysctl.conf, the link that EL 7 to 9 and Debian 12 ship. `sysctl --system` of procps
differs: it reads /etc/sysctl.conf last of all, and an assignment that the kernel refuses leaves the one
before it in force, where systemd remembers only the last. Measured: systemd 252, procps 4.0.2, Linux 6.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.drop_ins import by_name
from halint.readers import sysctl as reader
from halint.readers.lexer import compiled
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.node import Node
    from halint.source import Source

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
    """One line that sets a key. name: its path below /proc/sys. key, word: the words of the line, word None for an
    exclusion. path: its file, on the node."""

    __slots__ = ("key", "name", "path", "word")

    def __init__(self, statement: Statement, path: str) -> None:
        self.key = statement.words[0]
        self.name = _below_proc(statement.keyword)
        self.word = statement.argument()
        self.path = path


class Sysctl:
    """What the files of a node set, and what its kernel had. collected: whether the input would have shown them.
    lines: all that set something, in the order in which systemd reads them. captured: whether the kernel's own values
    were captured: they outrank the files."""

    def __init__(self, collected: bool) -> None:
        self.collected = collected
        self.captured = False
        self.lines: list[Assignment] = []
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
        return self._value(name, *(self._assignments.get(name) or self._by_pattern(name)))

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

    def _value(self, name: str, word: Word | None, path: str | None) -> Value:
        default = _KERNEL_DEFAULTS.get(name) or _INTERFACE_DEFAULTS.get(name.rpartition("/")[2])
        if word is None:
            return Value(default if self.collected else None)
        text = word.text
        if text and not text.strip("*"):
            return Value(None, word, path)  # masked
        if default is None:
            return Value(text, word, path)
        number = _number(text)
        return Value(default if number is None else number, word, path)

    def assign(self, path: str, source: Source) -> None:
        """Take over what the file at `path` sets."""
        for statement in reader.read(source).statements:
            line = Assignment(statement, path)
            self.lines.append(line)
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

    def _by_pattern(self, name: str) -> tuple[Word | None, str]:
        """What the last pattern that matches `name` assigns: a key of its own outranks every pattern."""
        from fnmatch import fnmatchcase

        found: tuple[Word | None, str] = (None, "")
        for pattern, assignment in self._assignments.items():
            if compiled(r"[*?[]").search(pattern) and pattern.count("/") == name.count("/"):
                found = assignment if fnmatchcase(name, pattern) else found
        return found


def read(node: Node) -> Sysctl:
    """The kernel parameters of `node`."""
    captured = node.files.get(CAPTURED)
    files = _files(node)
    seen = any(compiled(r"/sysctl\.(?:conf$|d/)").search(path) for path in node.files)
    model = Sysctl("sysctl" in node.collected or captured is not None or seen)
    for path, source in files:
        model.assign(path, source)
    if captured is not None:
        model.capture(captured)
    return model


def _files(node: Node) -> list[tuple[str, Source]]:
    """The files that are read, in order."""
    masks = [path for path, target in node.links.items() if target == "/dev/null"]
    chosen = by_name([*masks, *node.files], _FOLDERS)
    if not chosen.get("99-sysctl.conf", "").startswith("/etc/") or _is_link_to_sysctl_conf(node):
        chosen["99-sysctl.conf"] = "/etc/sysctl.conf"
    ordered = (chosen[name] for name in sorted(chosen))
    return [(path, node.files[path]) for path in ordered if path in node.files]


def _is_link_to_sysctl_conf(node: Node) -> bool:
    return node.links.get("/etc/sysctl.d/99-sysctl.conf") in ("../sysctl.conf", "/etc/sysctl.conf")


def _below_proc(key: str) -> str:
    """The path of `key` below /proc/sys: where the first separator is a dot, dots and slashes are swapped."""
    key = key.removeprefix("-").lstrip(" \t")
    first = compiled(r"[./]").search(key)
    if first is not None and first[0] == ".":
        key = key.translate(_SWAPPED)
    return "/".join(part for part in key.split("/") if part)


def _number(text: str) -> str | None:
    """The integer that the kernel reads at the start of `text`, or None where it refuses to (measured)."""
    found = compiled(r"(-?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))(?=[ \t\r\n]|$)").match(text)
    if found is None:
        return None
    sign, hexadecimal, octal, decimal = found.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(decimal or octal or "0", 10 if decimal else 8)
    return f"{sign}{number}" if number < 1 << 31 else None
