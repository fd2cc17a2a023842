"""Writes a folder with a folder for each node in it: all files, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from typing import NamedTuple

from halint.generator.error import GenerateError


class File(NamedTuple):
    """path: as the node sees it (/etc/...)."""

    path: str
    text: str
    mode: int = 0o644


class Folder:
    """Where to write: a folder that is not there yet, or an empty one. Raises GenerateError for another."""

    def __init__(self, path: str) -> None:
        self.path = os.fspath(path)
        self._parent = os.path.dirname(os.path.abspath(self.path))
        self._exists = os.path.lexists(self.path)
        try:
            if self._exists and os.listdir(self.path):
                raise GenerateError(f"{self.path}: is not empty; name a new folder")
            if not self._exists and not os.path.isdir(self._parent):
                raise GenerateError(f"{self._parent}: there is no such folder")
        except OSError as error:
            raise GenerateError(f"{self.path}: {error.strerror}") from None

    def write(self, nodes: dict[str, list[File]], before_last_step: Callable[[], None]) -> list[str]:
        """Write the files of each node, and return their paths.

        They are made in a folder beside, which a rename puts into place; into an empty folder that is there
        (it may be mounted) the nodes' folders are renamed one by one. `before_last_step` is called in between.
        Raises GenerateError after having removed what was made.
        """
        temporary, placed = "", []
        try:
            temporary = tempfile.mkdtemp(prefix=".halint-", dir=self.path if self._exists else self._parent)
            os.chmod(temporary, 0o755)
            for name, files in nodes.items():
                for file in files:
                    _write(temporary, name + file.path, file)
            before_last_step()
            if self._exists:
                for name in nodes:
                    os.rename(os.path.join(temporary, name), os.path.join(self.path, name))
                    placed.append(os.path.join(self.path, name))
                os.rmdir(temporary)
            else:
                os.rename(temporary, os.path.abspath(self.path))
        except OSError as error:
            for folder in [temporary, *placed]:
                shutil.rmtree(folder, ignore_errors=True)
            raise GenerateError(f"{error.filename or self.path}: {error.strerror}") from None
        return [os.path.join(self.path, name + file.path) for name, files in nodes.items() for file in files]


def _write(root: str, path: str, file: File) -> None:
    folder = root
    for part in path.split("/")[:-1]:
        folder = os.path.join(folder, part)
        if not os.path.isdir(folder):
            os.mkdir(folder)
            os.chmod(folder, 0o755)
    handle = os.open(os.path.join(root, path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(file.text)
        os.fchmod(handle, file.mode)
