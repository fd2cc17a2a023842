"""How files on disk are laid out as nodes: `etc/...` trees here, folders without an `etc` in folders.py.

Every way ends in a Layout: a node with the entries of its files by their path on the node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from posixpath import dirname, join, normpath

from halint import globs
from halint.discovery import outputs
from halint.discovery.sniff import Name, is_copy, is_template_name, may_be_configuration
from halint.discovery.walk import ARCHIVES, Entry, Walk, node_root
from halint.readers import formats
from halint.readers.lexer import compiled

KEEPALIVED = "/etc/keepalived/keepalived.conf"
HAPROXY = "/etc/haproxy/haproxy.cfg"

#: Folders at the root of a machine; a file elsewhere beside an `etc` is not the node's.
_MACHINE = (
    "/etc/", "/usr/", "/lib/", "/opt/", "/root/", "/home/", "/srv/", "/run/", "/var/lib/", "/sos_commands/",
)  # fmt: skip

#: Files without a format that a rule may want: scripts, included files, names.
_TEXT = (
    "/etc/keepalived/", "/etc/haproxy/", "/usr/local/", "/usr/libexec/keepalived/", "/opt/", "/root/", "/home/",
    "/srv/", "/etc/network/interfaces", "/etc/netplan/", "/etc/sysconfig/ipset.d/",
)  # fmt: skip
_TEXTS = {
    "/etc/" + name
    for name in ("hostname", "hosts", "passwd", "group", "debian_version", "redhat-release", "centos-release",
                 "rocky-release", "almalinux-release", "selinux/config", "ufw/before.init", "ufw/after.init",
                 "ipset.conf", "sysconfig/ipset", "iptables/ipsets")
}  # fmt: skip

#: Folders that say nothing about whose they are: the one above names the node.
_NAMELESS = frozenset({"rootfs", "root", "fs", "files", "overlay", "usr/local"})

#: A file's text, "" where it cannot be read.
Reader = Callable[[Entry], str]


class Layout:
    """A node as the layout gives it.

    folder: the one that names it, or that its main file stands in beside those of other nodes. place: the
    folder in which its siblings stand. key: its name without what tells siblings apart.
    variant: files of another variant (`keepalived.conf.test`) are alternatives, not siblings.
    included: paths on the node that keepalived reads as its own configuration. folders: known folders.
    archive: a kind of archive that holds every family, or "".
    """

    __slots__ = (
        "archive", "files", "folder", "folders", "included", "key", "links", "name", "place", "reasons", "root",
        "variant",
    )  # fmt: skip

    def __init__(self, name: str, folder: str, place: str, reason: str, root: str | None = None) -> None:
        self.name = name
        self.folder = folder
        self.place = place
        self.key = Name(name).variant
        self.variant = ""
        self.root = root
        self.files: dict[str, Entry] = {}
        self.folders: set[str] = set()
        self.links: dict[str, str] = {}
        self.included: set[str] = set()
        self.reasons = [reason]
        self.archive = ""

    def add(self, path: str, entry: Entry) -> None:
        """Give the node the file `entry` at `path`, unless it has one there."""
        self.files.setdefault(path, entry)
        if entry.link is not None:
            self.links.setdefault(path, entry.link)

    @property
    def balances(self) -> bool:
        """Whether it has a file of keepalived or haproxy."""
        return any(path.startswith(("/etc/keepalived/", "/etc/haproxy/")) for path in self.files)


def is_nodes_file(path: str) -> bool:
    """Whether halint wants the file at `path` of a node."""
    return formats.of_path(path) != "text" or path.startswith(_TEXT) or path in _TEXTS


def trees(walk: Walk) -> tuple[list[Layout], list[Entry]]:
    """The nodes that have an `etc`, and the files that belong to none."""
    owners = _owners(walk)
    layouts: dict[str, Layout] = {}
    rest: list[Entry] = []
    for entry in walk.files:
        root = owners.root_of(entry.path)
        if root is None:
            rest.append(entry)
            continue
        layout = layouts.get(root)
        if layout is None:
            layout = layouts[root] = _tree_layout(root)
        path = entry.path[len(root) :]
        if entry.link is not None and path.startswith(("/etc/systemd/", "/etc/sysctl.d/")):
            layout.links[path] = entry.link
            if not entry.real:
                continue
        if path.startswith(outputs.FOLDER):
            place = outputs.place(path)
            if place is not None:
                layout.add(place, entry)
        elif is_nodes_file(path):
            layout.add(path, entry)
    for folder in walk.folders:
        root = owners.root_of(folder)
        if root in layouts:
            layouts[root].folders.add(folder[len(root) :])
    return list(layouts.values()), rest


class _owners:  # noqa: N801
    """Which root each path belongs to; the outer one where an `etc` stands within a node's own folders."""

    def __init__(self, walk: Walk) -> None:
        found = {root for root in map(node_root, (*walk.folders, *(e.path for e in walk.files))) if root is not None}
        self.roots = {root for root in found if self._around(root, found) is None}
        self.known: dict[str, str | None] = {}

    def root_of(self, path: str) -> str | None:
        root = node_root(path)
        if root in self.roots:
            return root
        folder = dirname(path)
        if folder not in self.known:
            self.known[folder] = self._around(folder + "/", self.roots)
        return self.known[folder]

    def _around(self, path: str, roots: set[str]) -> str | None:
        at = path.find("/")
        while at >= 0:
            if path[:at] in roots and path.startswith(_MACHINE, at):
                return path[:at]
            at = path.find("/", at + 1)
        return None


def _tree_layout(root: str) -> Layout:
    folder = root
    while (name := folder[folder.rfind("/") + 1 :]) in _NAMELESS or folder.endswith("/usr/local"):
        folder = dirname(folder)
    name = _of_archive(name) or "localhost"
    layout = Layout(name, folder or "/", dirname(folder) or "/", f"{root or ''}/etc holds its configuration", root)
    if name.startswith("sosreport-"):
        dated = r"sosreport-(.+?)(?:-[0-9]+)?-[0-9]{4}-[0-9]{2}-[0-9]{2}-\w+(?:-obfuscated)?"
        report = compiled(dated).fullmatch(name)
        layout.name, layout.archive = report[1] if report else name, "a sos report"
        layout.key = Name(layout.name).variant
        layout.reasons = [f"{root} is a sos report of {layout.name}"]
    return layout


def _of_archive(name: str) -> str:
    """`name` without what makes it the root of an archive: `lb1.tar.gz!` is of lb1."""
    archive = name.removesuffix("!")
    ends = [end for end in ARCHIVES if name.endswith("!") and archive.endswith(end)]
    return archive[: -max(map(len, ends))] if ends else name


def split_roles(layout: Layout, kind: Callable[[Entry], str], text: Reader) -> list[Layout]:
    """The nodes of one `etc` whose etc/keepalived holds several main files by role (master.conf, backup.conf)."""
    if KEEPALIVED in layout.files:
        return [layout]
    mains = {
        path: entry
        for path, entry in layout.files.items()
        if dirname(path) == "/etc/keepalived" and is_main_candidate(entry) and kind(entry) == "keepalived"
    }
    for path in included(mains, lambda: layout.files, text, list(mains)):
        mains.pop(path, None)
    if not mains:
        return [layout]
    layouts = []
    shared = {path: entry for path, entry in layout.files.items() if path not in mains}
    for entry in mains.values():
        one = Layout(layout.name, layout.folder, layout.place, layout.reasons[0], layout.root)
        if len(mains) > 1:
            by_role(one, entry)
            one.folder = one.place = entry.folder
        one.folders, one.links, one.archive = layout.folders, dict(layout.links), layout.archive
        one.add(KEEPALIVED, entry)
        for path, other in shared.items():
            one.add(path, other)
        layouts.append(one)
    return layouts


def by_role(layout: Layout, main: Entry) -> None:
    """Name `layout` by what tells its main file from the others of the folder."""
    parts = Name(main.name)
    stem = compiled(r"(?ai)\.(?:conf|cfg|config)$").sub("", main.name)
    layout.name = parts.label if len(parts.label) > 1 and not parts.label.isdigit() else stem
    layout.key = parts.variant
    layout.reasons = [f"{main.path} stands beside those of other nodes"]


def is_main_candidate(entry: Entry) -> bool:
    """Whether the file may be a main keepalived.conf or haproxy.cfg, by its name, or because it was asked for."""
    name = entry.name
    if entry.asked:
        return not is_template_name(name)
    return may_be_configuration(name) and not is_copy(name) and not is_template_name(name)


def haproxy_of_tree(layout: Layout, kind: Callable[[Entry], str]) -> None:
    """Take the one haproxy file of /etc/haproxy, or the one for this node's role, for haproxy.cfg."""
    if HAPROXY in layout.files:
        return
    found = [
        (path, entry)
        for path, entry in layout.files.items()
        if dirname(path) == "/etc/haproxy" and is_main_candidate(entry) and kind(entry) == "haproxy"
    ]
    main = layout.files.get(KEEPALIVED)
    role = [one for one in found if main and Name(one[1].name).key == Name(main.name).key]
    chosen = role if len(role) == 1 else found
    if len(chosen) == 1:
        path, entry = chosen[0]
        del layout.files[path]
        layout.add(HAPROXY, entry)
        layout.reasons.append(f"{entry.path} is its only haproxy configuration")


def included(
    files: dict[str, Entry], pool: Callable[[], dict[str, Entry]], text: Reader, start: Iterable[str]
) -> dict[str, Entry]:
    """The files of `pool` (by path on the node) that the keepalived files at `start` include, however deep."""
    found: dict[str, Entry] = {}
    known: dict[str, Entry] | None = None
    seen: set[str] = set()
    queue = [(path, files[path]) for path in start]
    while queue:
        path, entry = queue.pop()
        here = text(entry)
        if "include" not in here:
            continue
        named = compiled(r'(?m)^[ \t]*include[a-z]?[ \t]+"?([^ \t\r\n"#!]+)').findall(here)
        for name in dict.fromkeys(named):
            wanted = normpath(join(dirname(path), name))
            if wanted in seen:
                continue
            seen.add(wanted)
            known = pool() if known is None else known
            for other, candidate in matching(known, wanted):
                if other not in found and candidate is not entry:
                    found[other] = candidate
                    queue.append((other, candidate))
    return found


def matching(pool: dict[str, Entry], wanted: str) -> list[tuple[str, Entry]]:
    """The files of `pool` whose path the glob `wanted` matches."""
    if not compiled(r"[*?\[]").search(wanted):
        return [(wanted, pool[wanted])] if wanted in pool else []
    depth = wanted.count("/")
    return [(p, e) for p, e in pool.items() if p.count("/") == depth and globs.matches(wanted, p)]
