"""From the checked paths to nodes with their files: what was found, and why it is taken for what it is."""

from __future__ import annotations

import os
from posixpath import basename, dirname

from halint import targets
from halint.discovery import outputs, sniff
from halint.discovery.folders import Folders
from halint.discovery.inputs import InputProblem, Inputs
from halint.discovery.layout import KEEPALIVED, Layout, haproxy_of_tree, included, is_main_candidate, split_roles, trees
from halint.discovery.walk import Entry, Walk, node_root, printable
from halint.node import Node
from halint.readers import formats
from halint.settings import Settings
from halint.source import Source
from halint.tree import Tree

#: Where a file is missing, Docker mounts an empty folder of its name.
_MAINS = frozenset({"haproxy.cfg", "keepalived.conf", "logrotate.conf", "nftables.conf", "rsyslog.conf", "sysctl.conf"})


#: Of the files that have no format of their own, those that rules take their facts from.
_FACTS = (outputs.FOLDER, "/etc/netplan/", "/etc/network/", "/etc/selinux/config")


class Discovery:
    """What was found. here: the folder that shown paths start at. nodes: those of halint.toml, then by place and
    name, each name once. problems: of the input, by path. ignored: files that look as if they mattered, with the
    reason why they are left out."""

    def __init__(self, here: str) -> None:
        self.here = here
        self.nodes: list[Node] = []
        self.problems: list[InputProblem] = []
        self.ignored: list[tuple[str, str]] = []

    @property
    def templates(self) -> list[InputProblem]:
        """Files that somebody still has to fill in: listed, not linted."""
        return [problem for problem in self.problems if problem.kind == "template"]

    @property
    def unreadable(self) -> list[InputProblem]:
        return [problem for problem in self.problems if problem.kind == "unreadable"]


def find(paths: list[str], settings: Settings) -> Discovery:
    """The nodes below `paths`. Raises OSError where one of the paths cannot be looked at."""
    return _Finding(paths, settings).found


class _Finding:
    def __init__(self, paths: list[str], settings: Settings) -> None:
        here = os.getcwd()
        self.found = Discovery(here)
        self.inputs = Inputs(here)
        self.settings = settings
        given = [os.path.abspath(path) for path in paths]
        layers = [folder for node in settings.nodes.values() for folder in node.layers if os.path.isdir(folder)]
        self.walk = Walk([*given, *layers])
        trees: dict[Source, Tree] = {}
        self.found.nodes = [self._node(layout, trees) for layout in _name_once(self._layouts())]
        self._leftovers(given)
        self.found.ignored = sorted(self.inputs.ignored)
        self.found.problems = self.inputs.problems
        if settings.source is not None:
            from halint.discovery import declared

            self.found.problems += declared.missing(settings, {node.name for node in self.found.nodes}, given)
        self.found.problems.sort(key=lambda problem: (problem.path, problem.start))

    def _layouts(self) -> list[Layout]:
        inputs = self.inputs
        fixed: list[Layout] = []
        if self.settings.source is not None:
            from halint.discovery import declared

            fixed, self.walk.files = declared.layouts(self.settings, self.walk, inputs)
        whole, rest = trees(self.walk)
        found = [one for layout in whole for one in split_roles(layout, inputs.kind, inputs.text)]
        for layout in found:
            haproxy_of_tree(layout, inputs.kind)
            nameless = layout.archive or not layout.root and layout.root is not None
            if nameless and (hostname := layout.files.get("/etc/hostname")):
                layout.name = inputs.text(hostname).partition("\n")[0].partition(".")[0] or layout.name
        found = self._balancers(found)
        if any(layout.archive for layout in found):
            from halint.discovery import reports

            found, others = reports.latest(found, inputs.text)
            inputs.ignored += [(inputs.shown(layout.root or "/"), why) for layout, why in others]
        mounted = self._mounted(rest)
        taken = {entry for layout in mounted for entry in layout.files.values()}
        found += mounted + Folders([e for e in rest if e not in taken], inputs.kind, inputs.text).layouts
        return [*fixed, *sorted(found, key=lambda layout: (layout.place, layout.folder, layout.name))]

    def _mounted(self, entries: list[Entry]) -> list[Layout]:
        """The nodes of compose files that have every keepalived.conf of their folder: where another one stands
        beside it, the names of the files say more."""
        if not any("compose" in entry.name for entry in entries):
            return []
        from halint.discovery import compose

        found, failed = compose.nodes(entries, self.inputs.text)
        self.inputs.ignored += [(self.inputs.shown(path), reason) for path, reason in failed]
        mains = {layout.files[KEEPALIVED] for layout in found}
        folders = {main.folder for main in mains}
        beside = {
            entry.folder
            for entry in entries
            if entry.folder in folders
            and entry not in mains
            and is_main_candidate(entry)
            and self.inputs.kind(entry) == "keepalived"
        }
        return [layout for layout in found if layout.files[KEEPALIVED].folder not in beside]

    def _balancers(self, layouts: list[Layout]) -> list[Layout]:
        """Leave out an `etc` without keepalived and haproxy, unless it stands beside one with them."""
        places = {layout.place for layout in layouts if layout.balances}
        kept = []
        for layout in layouts:
            if layout.balances or layout.files and (not places or layout.place in places):
                kept.append(layout)
            elif layout.files:
                why = "it has neither keepalived nor haproxy, and stands beside no node that has"
                self.inputs.ignored.append((self.inputs.shown(layout.root or "/"), why))
        return kept

    def _node(self, layout: Layout, trees: dict[Source, Tree]) -> Node:
        if KEEPALIVED in layout.files:
            layout.included |= set(included(layout.files, lambda: layout.files, self.inputs.text, [KEEPALIVED]))
        files: dict[str, Source] = {}
        for path in sorted(layout.files):
            form = "keepalived" if path in layout.included else formats.of_path(path)
            source = self.inputs.source(
                layout.files[path], form, optional=form == "text" and not path.startswith(_FACTS)
            )
            if source is not None:
                files[path] = source
        node = Node(layout.name, layout.root, files, targets.of_files(files, self._targets(layout.name)), trees)
        node.links, node.layout = layout.links, layout
        here = self.found.here.rstrip("/") + "/"
        layout.reasons = [printable(reason.replace(here, "")) for reason in layout.reasons]
        return node

    def _targets(self, name: str) -> dict[str, tuple[str, str]]:
        """The targets that are given for the node `name`, each with who gives it."""
        settings = self.settings
        layers = [settings.targets]
        layers += [cluster.targets for cluster in settings.clusters.values() if name in cluster.nodes]
        layers += [settings.nodes[name].targets] if name in settings.nodes else []
        found = {key: (value, f"{settings.where} says so") for layer in layers for key, value in layer.items()}
        return found | {key: (value, "--target says so") for key, value in settings.options.items()}

    def _leftovers(self, given: list[str]) -> None:
        """Note what was left out although it looks like a file of a node."""
        inputs, ignored = self.inputs, self.inputs.ignored
        for entry in self.walk.files:
            name = entry.name
            if entry.path in inputs.told:
                continue
            shown = inputs.shown(entry.path)
            service = sniff.names_keepalived(name) or sniff.names_haproxy(name)
            if not service and node_root(entry.path) is not None and entry.path not in given:
                continue
            if sniff.is_template_name(name):
                if service:
                    source = Source(shown, inputs.text(entry), format="text")
                    inputs.template(entry.path, source, (0, 0))
            elif not is_main_candidate(entry):
                if service and sniff.is_copy(name):
                    ignored.append((shown, "its name is that of a copy"))
            elif service and (fault := inputs.fault(entry)):
                inputs.unreadable(entry.path, fault)
            elif inputs.kind(entry):
                ignored.append((shown, "nothing says that a node loads it; halint.toml can"))
        holding = {dirname(path) for path in (*self.walk.folders, *(entry.path for entry in self.walk.files))}
        for folder in self.walk.folders - holding:
            if basename(folder) in _MAINS and node_root(folder) is not None:
                inputs.unreadable(folder, "it is a folder, not a file")
        for folder, reason in self.walk.closed:
            name = basename(folder)
            node = node_root(folder + "/") is not None
            if node or folder in given or sniff.names_keepalived(name) or sniff.names_haproxy(name):
                inputs.unreadable(folder, reason)
            else:
                ignored.append((inputs.shown(folder), reason))


def _name_once(layouts: list[Layout]) -> list[Layout]:
    """Put as much of its folder before a node's name as tells it from others of that name."""
    count: dict[str, int] = {}
    for layout in layouts:
        layout.name = printable(layout.name)
        count[layout.name] = count.get(layout.name, 0) + 1
    taken: set[str] = set()
    for layout in layouts:
        name = layout.name
        if count[name] > 1:
            above = [printable(part) for part in layout.folder.split("/") if part]
            if above and above[-1] == name:
                above.pop()
            while above and (name == layout.name or name in taken):
                name = f"{above.pop()}/{name}"
        number = 2
        while name in taken:
            name, number = f"{layout.name}-{number}", number + 1
        taken.add(name)
        layout.name = name
    return layouts
