"""The members of tar archives as files: read in place, and nothing is written to disk.

A member's path is `ARCHIVE!/NAME`, of an archive inside another `OUTER!/INNER!/NAME`. Names that lead out of the
archive are faults, links are followed inside it only, and what unpacks to too much is refused. Later members of one
name replace earlier ones, as tar does.
"""

from __future__ import annotations

import lzma
import stat
import tarfile
import zlib
from posixpath import dirname, normpath
from typing import Any, BinaryIO, cast

from halint.discovery import outputs
from halint.discovery.walk import ARCHIVED, ARCHIVES, MAX_SIZE, SKIPPED, Entry, node_root

#: Bytes that an archive may unpack to, with those inside it; and bytes of it that are kept.
MAX_UNPACKED, MAX_KEPT = 4 << 30, 256 << 20
MAX_MEMBERS = 500_000
#: Archives in archives in archives: nobody packs more.
_MAX_DEPTH = 3
_MAX_LINKS = 40
#: Bytes that unpacking xz may take: a dictionary of 64 MiB, as `xz -9` writes, and some.
_XZ_MEMORY = 100 << 20
_CHUNK = 1 << 16
#: Folders of a machine that hold no configuration: what is in them is not kept.
_NO_CONFIGURATION = frozenset({"proc", "sys", "boot", "dev", "log", "sos_logs", "sos_reports", "sos_strings"})
_OUTPUTS = outputs.FOLDER.strip("/")


class ArchiveFault(Exception):
    """Why an archive cannot be read."""


def entries(path: str, file: BinaryIO) -> list[Entry]:
    """The files in the archive `file` at `path`. Raises ArchiveFault."""
    reading = _Reading()
    reading.read(path, file, 1)
    return reading.entries()


class _Reading:
    """One archive with those inside it. unpacked, kept, members: so far, over all of them."""

    def __init__(self) -> None:
        self.unpacked = self.kept = self.members = 0
        self.found: dict[str, Entry] = {}
        self.folders: set[str] = set()
        self.links: dict[str, tuple[str, str, bool]] = {}

    def read(self, path: str, file: BinaryIO, depth: int) -> None:
        """Read the archive `file`. Raises ArchiveFault."""
        top = path + ARCHIVED
        try:
            stream: Any = _Unpacked(path, file, self)
            with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as archive:
                for member in archive:
                    self._member(archive, member, top, depth)
        except (
            tarfile.TarError,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            MemoryError,
            OverflowError,
            ValueError,
        ) as error:
            raise ArchiveFault(f"it is no archive that can be read: {error or type(error).__name__}") from None
        except OSError as error:
            raise ArchiveFault(error.strerror or "it cannot be read") from None

    def _member(self, archive: tarfile.TarFile, member: tarfile.TarInfo, top: str, depth: int) -> None:
        self.members += 1
        if self.members > MAX_MEMBERS:
            raise ArchiveFault(f"it has more than {MAX_MEMBERS} members")
        if self.unpacked + member.size > MAX_UNPACKED:  # the way behind it is as long
            self.unpacked += member.size
            raise ArchiveFault(f"it says that it unpacks to more than {MAX_UNPACKED >> 30} GiB")
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if not parts or not SKIPPED.isdisjoint(parts):
            return
        path = top + "/".join(parts)
        if ".." in parts:
            self.found[path] = Entry(path, "", fault="its name leads out of the archive")
            return
        self.found.pop(path, None)
        self.links.pop(path, None)
        if member.isdir():
            self.folders.add(path)
        elif member.issym() or member.islnk():
            self.links[path] = (member.linkname, top, member.issym())
        elif not member.isreg():
            self.found[path] = Entry(path, "", fault="it is a FIFO, a socket or a device, not a file")
        elif _NO_CONFIGURATION.isdisjoint(parts[:-1]) and not _is_unread(parts):
            self._regular(archive, member, path, depth)

    def _regular(self, archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, depth: int) -> None:
        if member.size > MAX_SIZE:
            size, limit = member.size >> 20, MAX_SIZE >> 20
            self.found[path] = Entry(path, "", fault=f"it has {size} MiB, more than the {limit} MiB that halint reads")
            return
        content = archive.extractfile(member)
        if content is None:
            return
        if path.endswith(ARCHIVES) and depth < _MAX_DEPTH:
            try:
                self.read(path, cast("BinaryIO", content), depth + 1)
            except ArchiveFault as fault:
                if self.unpacked > MAX_UNPACKED or self.members > MAX_MEMBERS or self.kept > MAX_KEPT:
                    raise
                self.found[path] = Entry(path, "", fault=str(fault))
            return
        data = content.read()
        self.kept += len(data)
        if self.kept > MAX_KEPT:
            raise ArchiveFault(f"it holds more than {MAX_KEPT >> 20} MiB of files")
        entry = self.found[path] = Entry(path, path)
        entry.data, entry.mode = data, stat.S_IMODE(member.mode)

    def entries(self) -> list[Entry]:
        for path, (target, top, symbolic) in self.links.items():
            self.found[path] = self._followed(path, target, top, symbolic)
        return list(self.found.values())

    def _followed(self, path: str, target: str, top: str, symbolic: bool) -> Entry:
        """The entry of the link at `path`, with what is behind it."""
        written = target if symbolic else None
        if target == "/dev/null":
            return Entry(path, "", written)
        at, next_target = path, target
        for _ in range(_MAX_LINKS):
            at = self._target(at, next_target, top, symbolic)
            if not at.startswith(top):
                return Entry(path, "", written, fault=f"it is a link to {target}, out of the archive")
            if at not in self.links:
                break
            next_target, _, symbolic = self.links[at]
        found = self.found.get(at)
        if found is None or found.data is None:
            why = "which is no file" if at in self.folders else "which is not in the archive"
            return Entry(path, "", written, fault=f"it is a link to {target}, {why}")
        entry = Entry(path, found.real, written)
        entry.data, entry.mode = found.data, found.mode
        return entry

    def _target(self, path: str, target: str, top: str, symbolic: bool) -> str:
        """Where a link leads: a symbolic one as on the node, whose root is above its `etc`; a hard one from the top."""
        if not symbolic:
            return normpath(top + target)
        if target.startswith("/"):
            root = node_root(path)
            return normpath((top.rstrip("/") if root is None else root) + target)
        return normpath(dirname(path) + "/" + target)


def _is_unread(parts: list[str]) -> bool:
    """Whether a member is the output of a command that halint has no use for: a report may have a gigabyte of it."""
    if _OUTPUTS not in parts:
        return False
    return outputs.place("/" + "/".join(parts[parts.index(_OUTPUTS) :])) is None


class _Unpacked:
    """The bytes of an archive, unpacked as they are asked for, and counted."""

    def __init__(self, path: str, file: BinaryIO, reading: _Reading) -> None:
        self.file = file
        self.reading = reading
        self.packed = b""
        self.end = False
        self.unpacker: Any = None
        self.new = _unpacker(path)

    def read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0:
            part = self._some(size)
            if not part:
                break
            parts.append(part)
            size -= len(part)
        data = b"".join(parts)
        self.reading.unpacked += len(data)
        if self.reading.unpacked > MAX_UNPACKED:
            raise ArchiveFault(f"it unpacks to more than {MAX_UNPACKED >> 30} GiB")
        return data

    def _some(self, size: int) -> bytes:
        """Some bytes, at most `size`; none at the end."""
        if self.new is None:
            return self.file.read(min(size, _CHUNK))
        while True:
            if self.unpacker is None:
                self.packed = self.packed or self.file.read(_CHUNK)
                if not self.packed.strip(b"\0"):  # padding behind the last stream
                    return b""
                self.unpacker = self.new()
            if self.unpacker.eof:  # another stream may follow
                self.packed, self.unpacker = self.unpacker.unused_data, None
                continue
            needs = getattr(self.unpacker, "needs_input", True)
            if not self.packed and needs:
                self.packed = self.file.read(_CHUNK)
                if not self.packed:
                    raise EOFError("it ends too early")
            data: bytes = self.unpacker.decompress(self.packed if needs or self.packed else b"", size)
            self.packed = getattr(self.unpacker, "unconsumed_tail", b"")
            if data:
                return data


def _unpacker(path: str) -> Any:
    """What makes an unpacker for the archive at `path`; None where it is not packed."""
    if path.endswith((".gz", ".tgz")):
        return lambda: zlib.decompressobj(31)
    if path.endswith((".xz", ".txz")):
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
    return None
