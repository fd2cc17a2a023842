"""What the files of each kind of firewall load on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lazy import lazy
from halint.models.firewall import iptables

if TYPE_CHECKING:
    from halint.models.firewall.chains import Base, Fact
    from halint.models.firewall.firewalld import Firewalld
    from halint.models.firewall.nftables import Ruleset
    from halint.models.firewall.ufw import Ufw
    from halint.node import Node
    from halint.tree import SyntaxProblem, Tree

_NFTABLES = ("/etc/sysconfig/nftables.conf", "/etc/nftables.conf")
#: Where ufw is switched on.
UFW_SWITCH = "/etc/ufw/ufw.conf"


class Loaded:
    """The rules of one kind of firewall. bases: the chains that packets enter. families: those of which they are all;
    None where that is every one. fault: why nothing is known of them, or "". untracks: whether one keeps packets from
    connection tracking. problems: what the program refuses in them, beside the syntax. trees: of the files of rules
    that nft or iptables load. firewalld, ufw: the model of that kind."""

    __slots__ = ("bases", "families", "fault", "firewalld", "problems", "trees", "ufw", "untracks")

    def __init__(self, fault: str = "") -> None:
        self.bases: list[Base] = []
        self.families: set[int] | None = None
        self.fault = fault
        self.untracks = False
        self.problems: list[SyntaxProblem] = []
        self.trees: list[Tree] = []
        self.firewalld: Firewalld | None = None
        self.ufw: Ufw | None = None


class Files:
    """The files of `node`, by kind of firewall."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def has(self, kind: str) -> bool:
        """Whether there are files of `kind`."""
        files = self._node.files
        if kind == "firewalld":
            return any(path.startswith("/etc/firewalld/") for path in files)
        if kind == "iptables":
            return any(path in files for paths in iptables.FILES.values() for path in paths)
        return any(path in files for path in (_NFTABLES if kind == "nftables" else (UFW_SWITCH,)))

    def by_hand(self, kind: str) -> bool:
        """Whether the files of `kind` are more than the package installs."""
        node = self._node
        if kind == "firewalld":
            folders = ("zones", "services", "policies")
            paths = [path for name in folders for path, _ in node.matching(f"/etc/firewalld/{name}/", ".xml")]
            written = [path for path in paths if not path.endswith("/allow-host-ipv6.xml")]
            return bool(written) or "/etc/firewalld/direct.xml" in node.files
        if kind == "nftables":
            return self._ruleset.hand_written
        if kind == "ufw":
            return self.ufw_switch is True
        trees = [node.tree(node.files[p]) for paths in iptables.FILES.values() for p in paths if p in node.files]
        return not all(iptables.is_stock(tree) for tree in trees)

    @lazy
    def ufw_switch(self) -> Fact:
        """Whether ufw's own file says that it is enabled; None where it is not among the files."""
        if not self.has("ufw"):
            return None
        from halint.models.firewall import ufw

        return ufw.switched_on(self._node)

    @lazy
    def _ruleset(self) -> Ruleset:
        from halint.models.firewall.nftables import Ruleset

        return Ruleset(self._node, next(path for path in _NFTABLES if path in self._node.files))

    def load(self, kind: str) -> Loaded:
        """The rules of `kind`; nothing but a fault where none of its files is there. firewalld needs none."""
        if kind == "firewalld":
            return self._load_firewalld()
        if not self.has(kind):
            return Loaded(f"the rules of {kind} are not among the files")
        return {"nftables": self._load_nftables, "iptables": self._load_iptables, "ufw": self._load_ufw}[kind]()

    def _load_firewalld(self) -> Loaded:
        from halint.models.firewall.firewalld import Firewalld

        firewalld = Firewalld(self._node)
        loaded = Loaded(firewalld.fault)
        loaded.firewalld, loaded.bases, loaded.problems = firewalld, firewalld.bases, firewalld.problems
        return loaded

    def _load_nftables(self) -> Loaded:
        ruleset = self._ruleset
        loaded = Loaded(ruleset.fault)
        loaded.bases, loaded.untracks, loaded.problems = ruleset.bases, ruleset.untracks, ruleset.problems
        loaded.trees = [self._node.tree(source) for source in ruleset.sources]
        return loaded

    def _load_iptables(self) -> Loaded:
        from halint.models.firewall.tables import Tables

        node = self._node
        loaded = Loaded()
        loaded.families = set()
        for family, paths in iptables.FILES.items():
            for source in [node.files[path] for path in paths if path in node.files]:
                tree = node.tree(source)
                tables = Tables(family, node)
                tables.restore(tree)
                loaded.trees.append(tree)
                loaded.families.add(family)
                loaded.bases += tables.bases
                loaded.problems += tables.problems
                if tree.problems:
                    loaded.fault = f"{source.path} has a syntax error: iptables-restore refuses it"
        if loaded.problems and not loaded.fault:
            loaded.fault = f"{loaded.problems[0].source.path} has an error: iptables-restore refuses it"
        return loaded

    def _load_ufw(self) -> Loaded:
        from halint.models.firewall.ufw import Ufw

        ufw = Ufw(self._node)
        loaded = Loaded(ufw.fault)
        loaded.ufw, loaded.bases, loaded.families = ufw, ufw.bases, ufw.families
        loaded.problems, loaded.trees = ufw.problems, ufw.trees
        return loaded
