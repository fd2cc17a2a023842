"""Nodes whose files stand in no `etc`: one folder a node (`lb1/`, `lb2/`), folders by service
(`keepalived/`, `haproxy/`), or one file a node (`keepalived-master.conf` beside `keepalived-backup.conf`)."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname

from halint.discovery.layout import HAPROXY, KEEPALIVED, Layout, Reader, by_role, included, is_main_candidate
from halint.discovery.sniff import Name, is_template_name, names_keepalived
from halint.discovery.walk import Entry
from halint.light import bisect_left
from halint.readers import formats
from halint.readers.lexer import compiled

_SERVICE_FOLDERS = frozenset({"keepalived", "keepalive"})
_SCRIPT = r"(?ai).*\.(?:sh|bash|py|pl|rb)"
_FILES = (
    r"sysctl\.conf|rsyslog\.conf|logrotate\.conf|nftables\.conf|os-release|hostname|debian_version|"
    r"(?:redhat|centos|rocky|almalinux)-release"
)
_FOLDERS = (
    "NetworkManager", "default", "firewalld", "iptables", "logrotate.d", "nftables", "nftables.d", "rsyslog.d",
    "sysconfig", "sysctl.d", "systemd", "ufw",
)  # fmt: skip
_HAPROXY_FOLDERS = r"(?ai)ha-?proxy[^/]*"


class Folders:
    """The nodes among `entries`, files that belong to no `etc` tree."""

    def __init__(self, entries: list[Entry], kind: Callable[[Entry], str], text: Reader) -> None:
        self.kind = kind
        self.text = text
        self.entries = entries
        self.paths = [entry.path for entry in entries]
        self.layouts: list[Layout] = []
        self.by_folder: dict[str, list[Entry]] = {}
        self.keepalived: dict[str, list[Entry]] = {}
        self.haproxy: dict[str, list[Entry]] = {}
        for entry in entries:
            self.by_folder.setdefault(entry.folder, []).append(entry)
            if is_main_candidate(entry) and (what := kind(entry)):
                where = self.keepalived if what == "keepalived" else self.haproxy
                where.setdefault(entry.folder, []).append(entry)
        self.claimed: set[Entry] = set()  # haproxy files that are one node's own
        self.used: set[Entry] = set()
        self.free: dict[str, list[Entry]] | None = None
        self.by_key = {(f, Name(e.name).key): e for f, found in self.haproxy.items() for e in reversed(found)}
        self.companions: dict[str, list[tuple[str, Entry]]] = {}
        self.etc: dict[str, list[tuple[str, Entry]]] = {}
        mains: dict[Layout, Entry] = {}
        for folder, candidates in self.keepalived.items():
            mains.update(self._nodes(folder, candidates))
        for layout, main in mains.items():
            self._own_haproxy(layout, main)
        for layout in mains:
            if HAPROXY not in layout.files:
                self._shared_haproxy(layout)
        for layout, main in mains.items():
            self._rest(layout, main)
        self._haproxy_alone()

    def _nodes(self, folder: str, candidates: list[Entry]) -> list[tuple[Layout, Entry]]:
        """A node for each main file of `folder`."""
        mains = self._mains(candidates)
        if not mains or self._is_part(folder, mains):
            return []
        variants: dict[str, list[Entry]] = {}
        for main in mains:
            variants.setdefault(Name(main.name).variant, []).append(main)
        found = []
        for variant, group in variants.items():
            for main in group:
                top = home(folder)
                layout = Layout(base(top), top, dirname(top), f"it holds {main.path}")
                if len(group) > 1 or len(variants) > 1 and "" not in variants:
                    by_role(layout, main)
                    layout.folder = layout.place = folder
                elif variant and len(variants) > 1:  # `keepalived.conf.test` beside `keepalived.conf`
                    layout.name += "-" + (Name(main.name).label or variant)
                layout.variant = variant if len(variants) > 1 else ""
                layout.add(KEEPALIVED, main)
                self.layouts.append(layout)
                found.append((layout, main))
        return found

    def _mains(self, candidates: list[Entry]) -> list[Entry]:
        """Those of `candidates` that keepalived is started with: not those that another one includes."""
        files = {"/etc/keepalived/" + entry.name: entry for entry in candidates}
        parts = set(included(files, lambda: files, self.text, list(files)).values())
        whole = [entry for entry in candidates if entry not in parts] or candidates
        named = [e for e in whole if names_keepalived(e.name) or Name(e.name).role and not Name(e.name).variant]
        return named or whole

    def _is_part(self, folder: str, mains: list[Entry]) -> bool:
        """Whether `folder` holds pieces (conf.d/) of the configuration in a folder above it."""
        if any(names_keepalived(entry.name) for entry in mains):
            return False
        return any(names_keepalived(entry.name) for entry in self.keepalived.get(dirname(folder), ()))

    def _own_haproxy(self, layout: Layout, main: Entry) -> None:
        """The haproxy file that stands with the node's keepalived.conf."""
        key = Name(main.name).key
        alone = layout.place != main.folder
        for folder in dict.fromkeys((main.folder, home(main.folder), home(main.folder) + "/haproxy")):
            mine = self.by_key.get((folder, key)) if alone or any(key) else None
            if mine is None and alone:
                found = self.haproxy.get(folder, [])
                mine = next((e for e in found if e.name == "haproxy.cfg"), found[0] if len(found) == 1 else None)
            if mine is not None:
                self._take(layout, mine, "stands with it")
                self.claimed.add(mine)
                return

    def _shared_haproxy(self, layout: Layout) -> None:
        """The one haproxy file near the node that no other node has for itself."""
        folder = layout.folder
        for _ in range(3):
            pool = self._near(folder)
            if len(pool) > 1:
                pool = [e for e in pool if e.name == "haproxy.cfg" and e.folder in (folder, folder + "/haproxy")]
                if len(pool) != 1:
                    layout.reasons.append("several haproxy files are near: halint.toml can say which it has")
                    return
            if pool:
                self._take(layout, pool[0], "is the only haproxy configuration near")
                return
            folder = dirname(folder)

    def _near(self, folder: str) -> list[Entry]:
        """The haproxy files in `folder` and in its folders which are no single node's."""
        if self.free is None:
            self.free = {}
            for where, found in self.haproxy.items():
                free = [e for e in found if e not in self.claimed]
                for at in (where, dirname(where)):
                    self.free.setdefault(at, []).extend(free)
        return self.free.get(folder, [])

    def _take(self, layout: Layout, entry: Entry, why: str) -> None:
        layout.add(HAPROXY, entry)
        layout.reasons.append(f"{entry.path} {why}")
        self._haproxy_parts(layout, entry)

    def _haproxy_parts(self, layout: Layout, main: Entry) -> None:
        self.used.add(main)
        for entry in self._under(main.folder + "/conf.d/"):
            if entry.name.endswith(".cfg"):
                self.used.add(entry)
                layout.add("/etc/haproxy/" + entry.path[len(main.folder) + 1 :], entry)

    def _rest(self, layout: Layout, main: Entry) -> None:
        """Everything else of the node: what keepalived includes or runs, and the rest of its /etc."""
        folder = main.folder

        def pool() -> dict[str, Entry]:
            return {"/etc/keepalived" + e.path[len(folder) :]: e for e in self._under(folder + "/")}

        for path, entry in included(layout.files, pool, self.text, [KEEPALIVED]).items():
            layout.add(path, entry)
            layout.included.add(path)
        for path, entry in self._beside(folder):
            layout.add(path, entry)
        self._etc(layout, home(folder))

    def _beside(self, folder: str) -> list[tuple[str, Entry]]:
        """What stands beside a main file in `folder`: all where the folder is called keepalived, else scripts."""
        if folder not in self.companions:
            service = folder != home(folder)
            mains = set(self.keepalived[folder])
            self.companions[folder] = [
                ("/etc/keepalived" + entry.path[len(folder) :], entry)
                for entry in (self._under(folder + "/") if service else self.by_folder[folder])
                if compiled(_SCRIPT).fullmatch(entry.name)
                or service
                and entry not in mains
                and (entry.folder == folder or entry.folder not in self.keepalived)
                and not is_template_name(entry.name)
            ]
        return self.companions[folder]

    def _etc(self, layout: Layout, folder: str) -> None:
        """Take what stands in `folder` as it would in /etc."""
        if folder not in self.etc:
            found = [
                ("/etc/" + e.name, e) for e in self.by_folder.get(folder, ()) if compiled(_FILES).fullmatch(e.name)
            ]
            for name in _FOLDERS:
                found += [("/etc" + e.path[len(folder) :], e) for e in self._under(f"{folder}/{name}/")]
            self.etc[folder] = found
        for path, entry in self.etc[folder]:
            layout.folders.add(dirname(path))
            if formats.of_path(path) != "text" or compiled(_FILES).fullmatch(entry.name):
                layout.add(path, entry)

    def _haproxy_alone(self) -> None:
        """A node for each haproxy file that no keepalived.conf goes with."""
        for folder, found in self.haproxy.items():
            service = compiled(_HAPROXY_FOLDERS).fullmatch(base(folder)) and not Name(base(folder)).role
            parent = dirname(folder) if service else folder
            for entry in found:
                if entry in self.used:
                    continue
                layout = Layout(base(parent), parent, dirname(parent), f"it holds {entry.path}")
                layout.variant = Name(entry.name).variant
                if len(found) > 1 and entry.name != "haproxy.cfg":
                    by_role(layout, entry)
                    layout.folder = layout.place = folder
                self.layouts.append(layout)
                layout.add(HAPROXY, entry)
                self._haproxy_parts(layout, entry)
                self._etc(layout, parent)

    def _under(self, prefix: str) -> list[Entry]:
        """The files whose path begins with `prefix`, which ends in a slash."""
        start = bisect_left(self.paths, prefix)
        return self.entries[start : bisect_left(self.paths, prefix[:-1] + "0", start)]  # "0" follows "/"


def home(folder: str) -> str:
    """The folder that stands for `/etc`, given the one of keepalived.conf."""
    return dirname(folder) if base(folder) in _SERVICE_FOLDERS else folder


def base(folder: str) -> str:
    """What a folder is called."""
    return folder[folder.rfind("/") + 1 :] or "localhost"
