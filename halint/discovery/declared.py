"""The nodes that halint.toml lays out, and those that it names and the input lacks."""

from __future__ import annotations

from posixpath import dirname

from halint import globs
from halint.discovery.folders import Folders
from halint.discovery.inputs import InputProblem, Inputs
from halint.discovery.layout import HAPROXY, KEEPALIVED, Layout, haproxy_of_tree, trees
from halint.discovery.walk import Entry, Walk
from halint.settings import NodeSettings, Settings


def layouts(settings: Settings, walk: Walk, inputs: Inputs) -> tuple[list[Layout], list[Entry]]:
    """The nodes with a root, layers or files in halint.toml, and the files of the walk that are left."""
    found: list[Layout] = []
    taken: set[Entry] = set()
    folders: list[str] = []
    for name, given in settings.nodes.items():
        own = [folder for folder in (given.root, *reversed(given.layers)) if folder]
        if own or given.files:
            layout = _layout(name, given, own, settings, walk, inputs)
            folders += [folder.rstrip("/") + "/" for folder in own]
            if layout.files:
                found.append(layout)
                taken.update(layout.files.values())
    inside = tuple(folders)
    return found, [entry for entry in walk.files if entry not in taken and not entry.path.startswith(inside)]


def _layout(name: str, given: NodeSettings, own: list[str], settings: Settings, walk: Walk, inputs: Inputs) -> Layout:
    top = own[0] if own else settings.folder
    layout = Layout(name, top, dirname(top), f"{settings.where} says so")
    for key, patterns in given.files.items():
        named = [entry for glob in patterns for entry in _globbed(walk.files, glob)]
        path = {"keepalived": KEEPALIVED, "haproxy": HAPROXY}.get(key, key)
        for number, entry in enumerate(named):
            layout.add(path if not number else f"{dirname(path)}/{entry.name}", entry)
    for folder in own:
        layer = _layer(folder, walk, inputs)
        for path, entry in layer.files.items():
            layout.add(path, entry)
        layout.links = layer.links | layout.links
        layout.folders |= layer.folders
        layout.root = layout.root if layout.root is not None else layer.root
    return layout


def _layer(folder: str, walk: Walk, inputs: Inputs) -> Layout:
    """What one folder holds of a node: an `etc`, or its files alone."""
    prefix = folder.rstrip("/") + "/"
    part = Walk([])
    part.files = [entry for entry in walk.files if entry.path.startswith(prefix)]
    part.folders = {path for path in walk.folders if (path + "/").startswith(prefix)}
    found, rest = trees(part)
    found += Folders(rest, inputs.kind, inputs.text).layouts
    if not found:
        return Layout("", folder, folder, "")
    haproxy_of_tree(found[0], inputs.kind)
    return found[0]


def missing(settings: Settings, names: set[str], given: list[str]) -> list[InputProblem]:
    """A problem for each node that halint.toml names and that is not among `names`.

    given: the checked paths, absolute. Of a part of the project, only those clusters are expected to be whole
    that it holds a node of.
    """
    assert settings.source is not None
    whole = any((settings.folder + "/").startswith(path.rstrip("/") + "/") for path in given)
    wanted: dict[str, tuple[str, ...]] = {name: ("nodes", name) for name in settings.nodes if whole}
    for cluster, one in settings.clusters.items():
        if whole or names.intersection(one.nodes):
            wanted.update((name, ("clusters", cluster, "nodes", name)) for name in one.nodes)
    return [
        InputProblem(
            "missing-node",
            settings.source.file or "",
            settings.source,
            settings.place(*keys),
            f"no file of {name} is in the input, so its cluster is checked without it; give its files too",
            keys[1] if keys[0] == "clusters" else "",
        )
        for name, keys in wanted.items()
        if name not in names
    ]


def _globbed(entries: list[Entry], glob: str) -> list[Entry]:
    """The files that `glob`, an absolute path, matches; `*` matches no slash."""
    depth = glob.count("/")
    return [e for e in entries if e.path == glob or e.path.count("/") == depth and globs.matches(glob, e.path)]
