"""The files of the input as sources: each is read once, and what is wrong with it is noted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.discovery import sniff
from halint.discovery.walk import Entry, Unreadable, display, read
from halint.source import Source

if TYPE_CHECKING:
    from halint.node import Node


class InputProblem:
    """Something wrong with the input itself, at a place in a file (an empty one where it cannot be read).

    kind: "unreadable", "template" or "missing-node". path: the file or folder, absolute. cluster: the name of
    the one that halint.toml puts a missing node into, or empty. node: the one that has the file; set by
    cluster.group, None where it is no single node's.
    """

    __slots__ = ("cluster", "end", "kind", "message", "node", "path", "source", "start")

    def __init__(
        self, kind: str, path: str, source: Source, span: tuple[int, int], message: str, cluster: str = ""
    ) -> None:
        self.kind = kind
        self.path = path
        self.source = source
        self.start, self.end = span
        self.message = message
        self.cluster = cluster
        self.node: Node | None = None


class Inputs:
    """here: the folder that shown paths start at. problems: in the order in which they were met.
    ignored: files that are left out without harm, and why. told: the paths of which something is known."""

    def __init__(self, here: str) -> None:
        self.here = here
        self.problems: list[InputProblem] = []
        self.ignored: list[tuple[str, str]] = []
        self.told: set[str] = set()
        self._data: dict[str, tuple[str, int, str]] = {}
        self._kinds: dict[str, str] = {}
        self._sources: dict[tuple[str, str], Source | None] = {}

    def text(self, entry: Entry) -> str:
        """The text of a file, empty where it cannot be read."""
        return self._read(entry)[0]

    def kind(self, entry: Entry) -> str:
        """ "keepalived", "haproxy" or "" for what a file is."""
        if entry.real not in self._kinds or not entry.real:
            self._kinds[entry.real] = sniff.kind(entry.name, self.text(entry))
        return self._kinds[entry.real]

    def source(self, entry: Entry, form: str, *, optional: bool) -> Source | None:
        """A file as a source of the format `form`, one however many nodes have it; None, with the reason noted,
        where there is nothing to lint in it. optional: whether nothing is lost where it cannot be read."""
        key = (entry.real or entry.path, form)
        if key not in self._sources:
            self._sources[key] = self._source(entry, form, optional)
        self.told.add(entry.path)
        return self._sources[key]

    def unreadable(self, path: str, reason: str) -> None:
        self.told.add(path)
        empty = Source(self.shown(path), "", format="text")
        self.problems.append(InputProblem("unreadable", path, empty, (0, 0), reason))

    def template(self, path: str, source: Source, span: tuple[int, int]) -> None:
        self.told.add(path)
        message = "it is a template that is not rendered yet"
        self.problems.append(InputProblem("template", path, source, span, message))

    def fault(self, entry: Entry) -> str:
        """Why a file cannot be read, or empty."""
        return self._read(entry)[2]

    def shown(self, path: str) -> str:
        return display(path, self.here)

    def _source(self, entry: Entry, form: str, optional: bool) -> Source | None:
        text, mode, fault = self._read(entry)
        if fault and optional:  # a program, a private key
            self.ignored.append((self.shown(entry.path), fault))
            return None
        if fault:
            self.unreadable(entry.path, fault)
            return None
        file = entry.real if entry.data is None else None
        source = Source(self.shown(entry.path), text, format=form, file=file, mode=mode)
        mark = None if form == "text" else sniff.template_mark(form, text)
        if mark is not None:
            self.template(entry.path, source, mark)
            return None
        return source

    def _read(self, entry: Entry) -> tuple[str, int, str]:
        """The text of a file, its mode, and why it cannot be read."""
        key = entry.real or entry.path
        if key not in self._data:
            try:
                data, mode = read(entry)
                nul = data.find(b"\0")
                if nul >= 0:
                    raise Unreadable(f"it is no text: byte {nul + 1} is NUL")
                self._data[key] = data.decode("utf-8", "surrogateescape"), mode, ""
            except Unreadable as error:
                self._data[key] = "", 0, str(error)
        return self._data[key]
