"""halint.toml: what a project says about its clusters. docs/halint-toml.md is its documentation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.source import Source

NAME = "halint.toml"

_TEXT, _LIST, _TABLES = "a string", "an array of strings", "a table"

#: Schema: what each key of a table takes; a dict is a table of its own, `{"*": ...}` one with free names.
_TARGETS = {"keepalived": _TEXT, "haproxy": _TEXT, "os": _TEXT}
_SCHEMA: dict[str, object] = {
    "select": _LIST,
    "ignore": _LIST,
    "fail-on": _TEXT,
    "targets": _TARGETS,
    "clusters": {"*": {"nodes": _LIST, "targets": _TARGETS}},
    "segments": {"*": {"folders": _LIST}},
    "nodes": {
        "*": {
            "root": _TEXT,
            "layers": _LIST,
            "files": {"*": (_TEXT, _LIST)},
            "absent": _LIST,
            "collected": _LIST,
            "targets": _TARGETS,
        }
    },
}


class SettingsError(ValueError):
    """Something in halint.toml or in an option that halint does not understand: wrong usage, exit status 2."""


class NodeSettings:
    """What halint.toml says about one node.

    root: its folder, or None. layers: folders laid over each other, a later one wins. files: per path on the
    node or per service ("keepalived", "haproxy") the files. Folders and files are absolute.
    absent: globs of paths on the node that are known not to be there. collected: families known to be complete.
    """

    __slots__ = ("absent", "collected", "files", "layers", "root", "targets")

    def __init__(self) -> None:
        self.root: str | None = None
        self.layers: list[str] = []
        self.files: dict[str, list[str]] = {}
        self.absent: list[str] = []
        self.collected: list[str] = []
        self.targets: dict[str, str] = {}


class ClusterSettings:
    """What halint.toml says about one cluster: its nodes, by name, and its targets."""

    __slots__ = ("nodes", "targets")

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.targets: dict[str, str] = {}


class Settings:
    """The settings of a run. source: halint.toml itself, or None where there is none; folder: where it stands.
    targets: those of the project. options: those of the command line (--target), which win.
    segments: folders (absolute) by the name of the L2 segment that they share."""

    def __init__(self) -> None:
        self.source: Source | None = None
        self.folder = ""
        self.select: list[str] = []
        self.ignore: list[str] = []
        self.fail_on: str | None = None
        self.targets: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.clusters: dict[str, ClusterSettings] = {}
        self.segments: dict[str, list[str]] = {}
        self.nodes: dict[str, NodeSettings] = {}

    @property
    def where(self) -> str:
        """The file that says so, as shown; where there is none, it was the command line."""
        return self.source.path if self.source else "--target"

    def segment_of(self, place: str) -> tuple[str, str]:
        """The segment that the folder `place` is in, and the folder by which it is; ("", "") where it is in none."""
        for name, folders in self.segments.items():
            for folder in folders:
                if place == folder or place.startswith(folder + "/"):
                    return name, folder
        return "", ""

    def place(self, *keys: str) -> tuple[int, int]:
        """The span in halint.toml of the last of `keys`: names of tables and keys, outermost first."""
        text = self.source.text if self.source else ""
        at, length = 0, 0
        for key in keys:
            found = _find(text, key, at)
            if found >= 0:
                at, length = found, len(key)
        return at, at + length


def find(start: str) -> str | None:
    """The halint.toml of the folder (or file) `start` or of one above it, up to the root of its repository."""
    folder = os.path.abspath(start)
    while True:
        path = folder.rstrip("/") + "/" + NAME
        if os.path.isfile(path):
            return path
        if folder == "/" or os.path.exists(folder + "/.git"):
            return None
        folder = os.path.dirname(folder)


def load(path: str | None, cwd: str) -> Settings:
    """The settings of the file at `path`, or the defaults for None. Raises SettingsError."""
    settings = Settings()
    if path is None:
        return settings
    from halint.discovery.walk import Entry, Unreadable, display, read
    from halint.source import Source

    path = os.path.abspath(os.path.join(cwd, path))
    shown = display(path, cwd)
    try:
        text = read(Entry(path, path))[0].decode("utf-8")
    except Unreadable as error:
        raise SettingsError(f"{shown}: {error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{shown}: it is not UTF-8 text") from None
    settings.source = Source(shown, text, format="text", file=path)
    settings.folder = os.path.dirname(path)
    data = _parse(shown, text)
    _check(settings, data, _SCHEMA, ())
    _fill(settings, data)
    return settings


def _parse(shown: str, text: str) -> dict[str, object]:
    import tomllib

    from halint.source import Source

    try:
        return tomllib.loads(text)
    except ValueError as error:  # no TOML, or a number with thousands of digits
        message, at, place = str(error).rpartition(" (at ")
        if not at:
            raise SettingsError(f"{shown}: {error}") from None
        numbers = [int(part) for part in place.replace(",", " ").rstrip(")").split(" ") if part.isdigit()]
        line, column = numbers or Source(shown, text, format="text").position(len(text))
        raise SettingsError(f"{shown}:{line}:{column}: {message}") from None
    except RecursionError:
        raise SettingsError(f"{shown}: it nests too deeply") from None


def _check(settings: Settings, data: dict[str, object], schema: dict[str, object], above: tuple[str, ...]) -> None:
    """Raise SettingsError at the first key or value of `data` that `schema` does not have."""
    free = schema.get("*")
    for key, value in data.items():
        wanted = schema.get(key, free)
        path = (*above, key)
        if wanted is None:
            raise _error(settings, path, f"unknown key {'.'.join(path)!r}" + _nearest(key, schema))
        if isinstance(wanted, dict):
            if not isinstance(value, dict):
                raise _error(settings, path, f"{'.'.join(path)} must be {_TABLES}")
            _check(settings, value, wanted, path)
        elif not _is(value, wanted):
            names = wanted if isinstance(wanted, str) else " or ".join(wanted)  # type: ignore[arg-type]
            raise _error(settings, path, f"{'.'.join(path)} must be {names}")


def _is(value: object, wanted: object) -> bool:
    if isinstance(wanted, tuple):
        return any(_is(value, one) for one in wanted)
    if wanted == _TEXT:
        return isinstance(value, str)
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _fill(settings: Settings, data: dict[str, object]) -> None:
    """Take over `data`, whose shape is known to be right."""
    from halint import targets
    from halint.node import FAMILIES

    def table(value: object) -> dict[str, object]:
        return value if isinstance(value, dict) else {}

    def texts(value: object) -> list[str]:
        return [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []

    def versions(value: object, *above: str) -> dict[str, str]:
        for key, text in table(value).items():
            try:
                targets.check(key, str(text))
            except SettingsError as error:
                raise _error(settings, (*above, "targets", key), str(error)) from None
        return {key: str(text) for key, text in table(value).items()}

    settings.select, settings.ignore = texts(data.get("select")), texts(data.get("ignore"))
    if "fail-on" in data:
        settings.fail_on = str(data["fail-on"])
        if settings.fail_on not in {"info", "warning", "error"}:
            raise _error(settings, ("fail-on",), "fail-on must be info, warning or error")
    settings.targets = versions(data.get("targets"))
    for name, value in table(data.get("clusters")).items():
        cluster = settings.clusters[name] = ClusterSettings()
        cluster.nodes = texts(table(value).get("nodes"))
        cluster.targets = versions(table(value).get("targets"), "clusters", name)
    for name, value in table(data.get("segments")).items():
        settings.segments[name] = [settings_path(settings, f) for f in texts(table(value).get("folders"))]
    for name, value in table(data.get("nodes")).items():
        given = table(value)
        node = settings.nodes[name] = NodeSettings()
        node.root = settings_path(settings, str(given["root"])) if "root" in given else None
        node.layers = [settings_path(settings, f) for f in texts(given.get("layers"))]
        node.absent, node.collected = texts(given.get("absent")), texts(given.get("collected"))
        node.targets = versions(given.get("targets"), "nodes", name)
        for key, value_ in table(given.get("files")).items():
            if key not in {"keepalived", "haproxy"} and not key.startswith("/"):
                message = f"{key!r} must be keepalived, haproxy or a path on the node, as /etc/sysctl.conf"
                raise _error(settings, ("nodes", name, "files", key), message)
            node.files[key] = [settings_path(settings, f) for f in texts(value_)]
        for family in node.collected:
            if family not in FAMILIES:
                message = f"unknown family {family!r}; known are {', '.join(FAMILIES)}"
                raise _error(settings, ("nodes", name, "collected", family), message)
    _claim_once(settings)


def _claim_once(settings: Settings) -> None:
    owner: dict[str, str] = {}
    for name, cluster in settings.clusters.items():
        for node in cluster.nodes:
            if node in owner:
                message = f"node {node!r} is in the clusters {owner[node]!r} and {name!r}; a node is in one"
                raise _error(settings, ("clusters", name, "nodes", node), message)
            owner[node] = name


def settings_path(settings: Settings, path: str) -> str:
    """A path of halint.toml, which is relative to its folder, as an absolute one."""
    return os.path.normpath(os.path.join(settings.folder, path))


def _error(settings: Settings, keys: tuple[str, ...], message: str) -> SettingsError:
    source = settings.source
    assert source is not None
    line, column = source.position(settings.place(*keys)[0])
    return SettingsError(f"{source.path}:{line}:{column}: {message}")


def _nearest(key: str, schema: dict[str, object]) -> str:
    import difflib

    near = difflib.get_close_matches(key, schema, 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(schema)}"


def _find(text: str, key: str, start: int) -> int:
    """Where `key` stands as a word at or behind `start`, outside of comments, or -1: tomllib keeps no places."""
    import re

    for match in re.finditer(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text[start:]):
        at = start + match.start()
        if "#" not in text[text.rfind("\n", 0, at) + 1 : at]:
            return at
    return -1
