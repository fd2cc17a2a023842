"""Writes several files: all of them or none, and each at every moment either as it was or as it will be.

Every new text is first written to a temporary file in the folder of its file; only when all are there are they
renamed into place. What fails is undone: a second name of each old file is kept until the end.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

#: Names that no daemon reads from a folder: hidden, and of a backup.
_PREFIX, _SUFFIX = ".halint-", "~"


class WriteError(Exception):
    """Why nothing was written; the files are as they were, unless the message says otherwise."""


class NewText:
    """What a file shall hold.

    file: its path. before: the bytes that it must hold now, or None for a new file. after: the new bytes.
    """

    __slots__ = ("after", "before", "file")

    def __init__(self, file: str, before: bytes | None, after: bytes) -> None:
        self.file = file
        self.before = before
        self.after = after


def write(texts: list[NewText], roots: list[str]) -> None:
    """Write `texts`. roots: the folders out of which no symbolic link may lead. Raises WriteError."""
    tops = [os.path.realpath(root) for root in roots]
    writing = _Writing()
    try:
        plans = [_Plan(text, tops) for text in texts]
        _one_text_each(plans)
        for plan in plans:
            writing.stage(plan)
        for plan in plans:
            writing.put(plan)
        writing.finish()
    except BaseException as error:
        left = writing.undo()
        if left:
            raise WriteError(f"{error}; and these could not be put back: {', '.join(left)}") from error
        if isinstance(error, OSError):
            raise WriteError(f"{error.filename2 or error.filename}: {error.strerror}; nothing was changed") from error
        raise


def leads_out(file: str, roots: list[str]) -> bool:
    """Whether `file`, after every symbolic link, is in none of the folders `roots`."""
    return not _is_inside(os.path.realpath(file), [os.path.realpath(root) for root in roots])


def _is_inside(path: str, tops: list[str]) -> bool:
    return any(path == top or path.startswith(top.rstrip("/") + "/") for top in tops)


class _Plan:
    """One file to write, known to be writable as far as can be known before. Raises WriteError."""

    def __init__(self, text: NewText, tops: list[str]) -> None:
        self.shown = text.file
        self.before = text.before
        self.after = text.after
        self.path = os.path.realpath(text.file)
        if not _is_inside(self.path, tops):
            raise WriteError(f"{text.file} is {self.path}, out of the checked folders; nothing was changed")
        self.status: os.stat_result | None = None
        if text.before is None:
            if os.path.lexists(text.file):
                raise WriteError(f"{text.file} is already there; nothing was changed")
            return
        self.status = os.stat(self.path)
        if not os.access(self.path, os.W_OK, effective_ids=True):
            raise WriteError(f"{text.file} is not writable; nothing was changed")
        self.unchanged()

    def unchanged(self) -> None:
        """Raises WriteError where somebody else changed the file since it was read."""
        handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode) or file.read() != self.before:
                raise WriteError(f"{self.shown} has changed since it was read; nothing was changed")


def _one_text_each(plans: list[_Plan]) -> None:
    texts: dict[str, bytes] = {}
    for plan in plans:
        if texts.setdefault(plan.path, plan.after) != plan.after:
            raise WriteError(f"{plan.shown} has several names, and different fixes under each; nothing was changed")


class _Writing:
    def __init__(self) -> None:
        self._folders: list[str] = []
        self._staged: dict[_Plan, str] = {}
        self._old: dict[str, str] = {}
        self._put: list[str] = []

    def stage(self, plan: _Plan) -> None:
        """Write the new text beside the file, with the file's mode, owner and attributes."""
        folder = os.path.dirname(plan.path)
        self._make(folder)
        temporary = _temporary(plan.path, "new")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._staged[plan] = temporary
        with open(handle, "wb") as file:
            file.write(plan.after)
            file.flush()
            if plan.status is None:
                os.fchmod(handle, 0o644)
            else:
                own = os.fstat(handle)
                if (own.st_uid, own.st_gid) != (plan.status.st_uid, plan.status.st_gid):
                    os.chown(temporary, plan.status.st_uid, plan.status.st_gid)
                _copy_attributes(plan.path, temporary)
                os.fchmod(handle, stat.S_IMODE(plan.status.st_mode))
            os.fsync(handle)

    def put(self, plan: _Plan) -> None:
        """Rename the new text into place."""
        if plan.path in self._put:
            return
        temporary = self._staged[plan]
        if plan.status is None:
            _move_new(temporary, plan.path)
            self._put.append(plan.path)
        else:
            old = _temporary(plan.path, "old")
            _second_name(plan.path, old)
            self._old[plan.path] = old
            plan.unchanged()
            self._put.append(plan.path)
            os.replace(temporary, plan.path)

    def finish(self) -> None:
        """Make the renames last, and take away what is left over."""
        for folder in {os.path.dirname(path) for path in self._put}:
            with suppress(OSError):
                handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        _clean(self._staged.values())
        _clean(self._old.values())

    def undo(self) -> list[str]:
        """Put everything back; returns the files for which that failed."""
        left = []
        for path in reversed(self._put):
            try:
                if path in self._old:
                    os.replace(self._old[path], path)
                else:
                    os.unlink(path)
            except OSError:
                left.append(path)
        kept = {self._old[path] for path in left if path in self._old}
        _clean(self._staged.values())
        _clean(old for old in self._old.values() if old not in kept)
        for folder in reversed(self._folders):
            with suppress(OSError):
                os.rmdir(folder)
        return left

    def _make(self, folder: str) -> None:
        missing = []
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for made in reversed(missing):
            os.mkdir(made)
            self._folders.append(made)


def _clean(paths: Iterable[str]) -> None:
    for path in paths:
        with suppress(OSError):
            os.unlink(path)


def _temporary(path: str, kind: str) -> str:
    folder, name = os.path.split(path)
    return f"{folder}/{_PREFIX}{name[:60]}.{os.urandom(4).hex()}.{kind}{_SUFFIX}"


def _second_name(path: str, other: str) -> None:
    """Give the file at `path` the name `other` too, or copy it where the file system has no hard links."""
    try:
        os.link(path, other)
    except OSError:
        from shutil import copy2

        copy2(path, other)


def _move_new(temporary: str, path: str) -> None:
    """Move to `path`; unlike a rename this does not replace what appeared there meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise
        os.rename(temporary, path)


def _copy_attributes(source: str, target: str) -> None:
    """Copy the extended attributes (SELinux label, ACL) as far as the file system and the user may."""
    with suppress(OSError):
        for name in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))
