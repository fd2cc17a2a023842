"""The files below the checked paths, and their bytes: nothing here opens what is not a regular file.

Symbolic links are read as the node would: an absolute target starts at the node's own root. A link to a
folder is followed once, and no link leads out of the checked paths, the current directory or its repository.
"""

from __future__ import annotations

import os
import stat

from halint.readers.lexer import occurrences

#: Folders that hold no configuration of a node.
SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".venv", ".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache",
        ".terraform", ".vagrant", ".idea", ".vscode", "__pycache__", "node_modules", "site-packages",
    }
)  # fmt: skip

#: What is looked at below the root of a whole machine.
_MACHINE = (
    "etc", "lib/sysctl.d", "lib/ufw", "run/sysctl.d", "usr/lib/sysctl.d", "usr/lib/systemd/system", "usr/lib/firewalld",
    "usr/lib/os-release", "usr/libexec/keepalived", "usr/local/bin", "usr/local/etc", "usr/local/lib/sysctl.d",
    "usr/local/sbin", "sos_commands",
)  # fmt: skip

#: How archives end that are read in place, and what stands between one and the name of a member.
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz")
ARCHIVED = "!/"

#: Bytes: no configuration is larger; a file beyond it is a finding.
MAX_SIZE = 64 << 20


class Entry:
    """A file as it was found.

    path: absolute, as walked. real: the file behind every link, absolute; empty where there is none.
    link: the target of a symbolic link as written, or None. fault: why it cannot be read, or empty.
    asked: whether the file itself was given, not a folder around it. data, mode: of a member of an archive; None and 0
    of a file on disk.
    """

    __slots__ = ("asked", "data", "fault", "link", "mode", "name", "path", "real")

    def __init__(self, path: str, real: str, link: str | None = None, fault: str = "") -> None:
        self.path = path
        self.name = path[path.rfind("/") + 1 :]
        self.real = real
        self.link = link
        self.fault = fault
        self.asked = False
        self.data: bytes | None = None
        self.mode = 0

    @property
    def folder(self) -> str:
        return self.path[: self.path.rfind("/")]

    def __repr__(self) -> str:
        return f"Entry({self.path!r})"


class Unreadable(Exception):
    """A file that cannot be read, and why."""


class Walk:
    """Everything below the paths. files: sorted by path. folders: every folder, also an empty one.
    closed: folders that cannot be listed, and archives that cannot be read, with the reason."""

    def __init__(self, paths: list[str]) -> None:
        """Raises OSError where one of `paths` cannot be looked at."""
        self.files: list[Entry] = []
        self.folders: set[str] = set()
        self.closed: list[tuple[str, str]] = []
        given = [os.path.abspath(path) for path in paths]
        self._allowed = _bounds(given)
        self._seen: set[str] = set()
        self._given = set(given)
        for path in dict.fromkeys(given):
            if stat.S_ISDIR(os.stat(path).st_mode):
                self._tree(path)
            elif path not in self._seen:
                self._seen.add(path)
                self._file(path, os.path.realpath(os.path.dirname(path)) + "/" + os.path.basename(path))
        self.files.sort(key=lambda entry: entry.path)

    def _tree(self, top: str) -> None:
        stack = [(top, os.path.realpath(top), False)]
        while stack:
            folder, real, linked = stack.pop()
            if folder in self._seen:
                continue
            self._seen.add(folder)
            self.folders.add(folder)
            try:
                with os.scandir(folder) as listing:
                    found = list(listing)
            except OSError as error:
                self.closed.append((folder, error.strerror or "it cannot be listed"))
                continue
            machine = _is_machine(folder, found)
            prefix, real_prefix = folder.rstrip("/") + "/", real.rstrip("/") + "/"
            for item in found:
                path = prefix + item.name
                try:
                    if item.is_symlink():
                        target = self._link(path, real, linked)
                        if target and not machine:  # /lib is usr/lib there
                            stack.append((path, target, True))
                    elif not item.is_dir():
                        if path not in self._seen:
                            self._seen.add(path)
                            self._regular(path, real_prefix + item.name, item.is_file())
                    elif machine:
                        wanted = [part for part in _MACHINE if part.partition("/")[0] == item.name]
                        stack += [(prefix + part, real_prefix + part, linked) for part in wanted
                                  if os.path.isdir(prefix + part)]  # fmt: skip
                    elif item.name not in SKIPPED:
                        stack.append((path, real_prefix + item.name, linked))
                except OSError as error:
                    self.files.append(Entry(path, "", fault=error.strerror or "it cannot be looked at"))

    def _file(self, path: str, real: str) -> None:
        if os.path.islink(path):
            self._link(path, os.path.dirname(real), True)
        else:
            self._regular(path, real, os.path.isfile(path))
        for entry in self.files[-1:]:
            entry.asked = entry.path == path

    def _regular(self, path: str, real: str, regular: bool) -> None:
        # Only archives that were given, or stand right in a folder that was: others are nobody's report.
        if regular and path.endswith(ARCHIVES) and not self._given.isdisjoint((path, os.path.dirname(path))):
            self._archive(path, real)
            return
        fault = "" if regular else "it is a FIFO, a socket or a device, not a file"
        self.files.append(Entry(path, real if regular else "", fault=fault))

    def _archive(self, path: str, real: str) -> None:
        from halint.discovery import archive

        try:
            with open(real, "rb") as file:
                found = archive.entries(path, file)
        except archive.ArchiveFault as fault:
            self.closed.append((path, str(fault)))
            return
        self.files += found
        for entry in found:
            folder = entry.folder
            while len(folder) > len(path) and folder not in self.folders:
                self.folders.add(folder)
                folder = os.path.dirname(folder)

    def _link(self, path: str, real_folder: str, linked: bool) -> str:
        """Add the file behind the link at `path`; or the real path of the folder behind it, to be followed."""
        target = os.readlink(path)
        if target.startswith("/"):  # nothing is above a node's root
            start = (node_root(path) or "") + os.path.normpath(target)
        else:
            start = real_folder + "/" + target
        if target == "/dev/null":
            self.files.append(Entry(path, "", target))
            return ""
        real = os.path.realpath(start)
        fault = ""
        try:
            mode = os.stat(real).st_mode
        except OSError as error:
            fault = f"it is a symbolic link to {target}: {error.strerror}"
        else:
            inside = any(real == top or real.startswith(top.rstrip("/") + "/") for top in self._allowed)
            if not inside:
                fault = f"it is a symbolic link to {target}, out of the checked paths"
            elif stat.S_ISDIR(mode):
                above = (real_folder + "/").startswith(real.rstrip("/") + "/")
                return "" if linked or above else real
            elif not stat.S_ISREG(mode):
                fault = f"it is a symbolic link to {target}, which is not a file"
        self.files.append(Entry(path, "" if fault else real, target, fault))
        return ""


def read(entry: Entry) -> tuple[bytes, int]:
    """The bytes of a file and its mode. Raises Unreadable."""
    if entry.fault:
        raise Unreadable(entry.fault)
    if entry.data is not None:
        return entry.data, entry.mode
    try:
        # Between the walk and now a FIFO may stand here: opening one would wait for its writer.
        handle = os.open(entry.real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb", buffering=0) as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("it is not a file")
            if status.st_size > MAX_SIZE:
                size, limit = status.st_size >> 20, MAX_SIZE >> 20
                raise Unreadable(f"it has {size} MiB, more than the {limit} MiB that halint reads")
            return file.readall(), stat.S_IMODE(status.st_mode)
    except OSError as error:
        raise Unreadable(error.strerror or "it cannot be read") from None


def in_archive(path: str) -> bool:
    """Whether `path` is that of an archive's member."""
    at = path.find(ARCHIVED)
    while at >= 0:
        if path.endswith(ARCHIVES, 0, at):
            return True
        at = path.find(ARCHIVED, at + 1)
    return False


def display(path: str, here: str) -> str:
    """The absolute `path` as reports show it: relative to the folder `here` where below it."""
    if path == here:
        path = "."
    elif here == "/" or path.startswith(here + "/"):
        path = path[len(here.rstrip("/")) + 1 :]
    return printable(path)


def printable(name: str) -> str:
    """`name` with what does not print, or is not UTF-8, as backslash escapes."""
    if name.isprintable():
        return name
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def node_root(path: str) -> str | None:
    """The folder above the first `etc` in `path` that holds what a node has there ("" for `/`), or None."""
    for at in occurrences(path, "/etc/"):
        name = path[at + 5 :].partition("/")[0]
        if name.removesuffix(".conf" if name.endswith(".conf") else ".d") in _IN_ETC:
            return path[:at]
    return None


#: An `/etc` by what stands in it, with or without `.conf` or `.d`.
_IN_ETC = {
    "keepalived", "haproxy", "firewalld", "nftables", "iptables", "sysctl", "rsyslog", "logrotate", "sysconfig",
    "default", "NetworkManager", "systemd", "os-release", "redhat-release", "hostname", "ufw",
}  # fmt: skip


def _is_machine(folder: str, found: list[os.DirEntry[str]]) -> bool:
    """Whether `folder` is the root of a whole machine or of a report of one, of which most is no concern."""
    return folder == "/" or {"etc", "proc", "sys"} <= {item.name for item in found}


def _bounds(given: list[str]) -> list[str]:
    """The folders that links may lead to: the given paths, the current directory, the repository around it."""
    here = os.getcwd()
    top = here
    while top != "/" and not os.path.exists(top + "/.git"):
        top = os.path.dirname(top)
    return [*map(os.path.realpath, given), here if top == "/" else top]
