"""A node: one member of a cluster, with the files that were found of it and what they amount to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lazy import lazy
from halint.light import bisect_left
from halint.readers import formats
from halint.source import Source
from halint.tree import Tree

if TYPE_CHECKING:
    from halint.discovery.layout import Layout
    from halint.models.firewall import Firewall
    from halint.models.haproxy import Haproxy
    from halint.models.interfaces import Interfaces
    from halint.models.keepalived import Keepalived
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.models.logrotate import Logrotate
    from halint.models.logs import Flow
    from halint.models.rsyslog import Rsyslog
    from halint.models.startup import Startup
    from halint.models.sysctl import Sysctl
    from halint.targets import Targets

#: What is collected of a node as one: either some file of it is there, or nothing is known about it.
FAMILIES = ("keepalived", "haproxy", "firewall", "sysctl", "rsyslog", "logrotate", "options", "addresses")


class Node:
    """A machine with an `/etc`.

    files: the sources by their path on the node. links: symbolic links by their path on the node, with their
    targets (wants-links and masks of systemd). root: the folder that stands for `/`, or None where the files
    stand in no such folder (`keepalived-master.conf` beside `keepalived-backup.conf`).
    collected: the families of facts (FAMILIES) that the input would have shown; of another, all is unknown.
    siblings: the nodes of its cluster, itself included.
    layout: how the files stand on disk, and why halint took them for a node; None for a node made by hand.
    Each model is read when it is first asked for; it is None where the node has no such file.
    """

    def __init__(
        self,
        name: str,
        root: str | None,
        files: dict[str, Source],
        targets: Targets,
        trees: dict[Source, Tree] | None = None,
    ) -> None:
        """trees: those of sources already read, shared by the nodes of a run."""
        self.name = name
        self.root = root
        self.files = files
        self.targets = targets
        self.links: dict[str, str] = {}
        self.collected: frozenset[str] = frozenset()
        self.siblings: list[Node] = []
        self.layout: Layout | None = None
        self._trees: dict[Source, Tree] = {} if trees is None else trees

    def __repr__(self) -> str:
        return f"Node({self.name!r})"

    @property
    def instances(self) -> list[VrrpInstance]:
        """The VRRP instances of its keepalived, in order."""
        return self.keepalived.instances if self.keepalived else []

    def tree(self, source: Source) -> Tree:
        """The tree of a source, read once however many nodes share it."""
        tree = self._trees.get(source)
        if tree is None:
            tree = self._trees[source] = formats.read(source)
        return tree

    def with_files(self, files: dict[str, Source]) -> Node:
        """This node with other files; what was read of those that stay is kept."""
        other = Node(self.name, self.root, files, self.targets, self._trees)
        other.links, other.collected, other.layout = self.links, self.collected, self.layout
        return other

    def matching(self, start: str, end: str = "") -> list[tuple[str, Source]]:
        """The files whose path on the node is `start`, some characters without a `/`, and `end`, sorted by path."""
        found = []
        paths = self._paths
        for number in range(bisect_left(paths, start), len(paths)):
            path = paths[number]
            if not path.startswith(start):
                break
            if path.endswith(end) and len(path) > len(start) + len(end) and "/" not in path[len(start) :]:
                found.append((path, self.files[path]))
        return found

    @lazy
    def _paths(self) -> list[str]:
        """The paths of its files, sorted."""
        return sorted(self.files)

    def with_drop_ins(self, path: str) -> list[Source]:
        """The file of systemd at `path` and those of its folder `.d`, as far as they are there, in systemd's order."""
        main = self.files.get(path)
        drop_ins = [source for _, source in self.matching(path + ".d/", ".conf")]
        return drop_ins if main is None else [main, *drop_ins]

    @property
    def is_report(self) -> bool:
        """Whether it comes from a sos report, which has keepalived.conf and no other file of keepalived."""
        return self.layout is not None and bool(self.layout.archive)

    @property
    def keeps_modes(self) -> bool:
        """Whether its files have the modes that they have on the machine: a checkout has those of whoever made it."""
        return self.is_report

    def host_path(self, path: str) -> str | None:
        """Where the file `path` of the node would be written here, or None where the layout has no place for it."""
        from halint.discovery.walk import in_archive

        return None if self.root is None or in_archive(self.root) else self.root.rstrip("/") + path

    @lazy
    def keepalived(self) -> Keepalived | None:
        from halint.models import keepalived

        return keepalived.read(self)

    @lazy
    def haproxy(self) -> Haproxy | None:
        from halint.models import haproxy

        return haproxy.read(self)

    @lazy
    def firewall(self) -> Firewall:
        from halint.models import firewall

        return firewall.read(self)

    @lazy
    def sysctl(self) -> Sysctl:
        from halint.models import sysctl

        return sysctl.read(self)

    @lazy
    def rsyslog(self) -> Rsyslog:
        from halint.models import rsyslog

        return rsyslog.read(self)

    @lazy
    def flows(self) -> list[Flow]:
        """What the daemons log to the node's own syslog."""
        from halint.models import logs

        return logs.read(self)

    @lazy
    def logrotate(self) -> Logrotate:
        from halint.models import logrotate

        return logrotate.read(self)

    @lazy
    def startup(self) -> Startup:
        from halint.models import startup

        return startup.read(self)

    @lazy
    def interfaces(self) -> Interfaces:
        from halint.models import interfaces

        return interfaces.read(self)
