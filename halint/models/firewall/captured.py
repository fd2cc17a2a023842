"""The rules that were in force when `nft list ruleset`, iptables-save, `iptables -nvL` or `firewall-cmd
--list-all-zones` was run.

What they say outranks the files that load rules. One kind alone may be half of the truth: iptables-save of iptables-nft
shows none of what nft itself loaded, so what it refuses is refused, and what it accepts is open. What the kernel had
outranks what firewalld said of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Base
from halint.models.firewall.iptables_words import TABLES
from halint.models.firewall.tables import Tables
from halint.models.reading import tree_as
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.node import Node

_FOLDER = "/sos_commands/firewall_tables/"
_NFT = (
    _FOLDER + "nft_-a_list_ruleset",
    _FOLDER + "nft_list_ruleset",
    "/sos_commands/firewalld/nft_list_ruleset",
)
_SAVED = {4: _FOLDER + "iptables-save", 6: _FOLDER + "ip6tables-save"}

#: What nft up to 1.0.5 makes of a match or target of iptables that it has no words for: a comment, up to the verdict.
_UNTRANSLATED = r"""(?m:^)[ \t]+(?>[^"#\r\n]+|"[^"\r\n]*")*#(?! handle [0-9])"""


class Captured:
    """bases: the base chains. families: of the packets that they answer for. partial: whether other rules may refuse
    what these accept. untracks: whether one keeps packets from connection tracking. kind: "nftables",
    "iptables" or "firewalld". firewalld: whether the rules of firewalld are among them."""

    __slots__ = ("bases", "families", "firewalld", "kind", "partial", "untracks")

    def __init__(self) -> None:
        self.bases: list[Base] = []
        self.families: set[int] = set()
        self.partial = self.untracks = self.firewalld = False
        self.kind = "iptables"

    @property
    def whose(self) -> str:
        """Whose rules they are, as a message says it."""
        return "firewalld" if self.kind == "firewalld" else "the kernel"


def read(node: Node) -> Captured | None:
    """The captured rules of `node`; None where there are none that can be read."""
    found = Captured()
    _read_nft(node, found)
    for family, path in _SAVED.items():
        source = node.files.get(path)
        if source is None:
            continue
        by_nft = "(nf_tables)" in source.text[:200]
        if by_nft and found.kind == "nftables":  # among those of nft
            continue
        tree = tree_as(node, source, "iptables")
        tables = Tables(family, node, captured=True)
        tables.restore(tree)
        if tables.bases and not tree.problems and not tables.problems:
            found.bases += tables.bases
            found.families.add(family)
            found.partial = found.partial or by_nft
            found.firewalld = found.firewalld or ":INPUT_ZONES" in source.text
    if not found.bases:
        _read_listings(node, found)
    if found.partial or found.families != {4, 6}:
        _read_firewalld(node, found)
    return found if found.bases else None


def _read_listings(node: Node, found: Captured) -> None:
    """`iptables -nvL` and `ip6tables -nvL` of each table: all that a sos report of EL 7 has. Elsewhere nft may refuse
    what these accept."""
    from halint.models.firewall import listing

    for family, program in ((4, "iptables"), (6, "ip6tables")):
        for table in sorted(TABLES):
            names = [f"{program}_-t_{table}_-nvL", *([f"{program}_-vnxL"] if table == "filter" else [])]
            source = next((node.files[_FOLDER + name] for name in names if _FOLDER + name in node.files), None)
            if source is not None:
                tables = Tables(family, node, captured=True)
                tables.restore(listing.read(source, table, family))
                found.bases += tables.bases
                found.families.add(family)
                found.partial = node.targets.os != "el7"
                found.firewalld = found.firewalld or "Chain INPUT_ZONES" in source.text


def _read_nft(node: Node, found: Captured) -> None:
    path = next((path for path in _NFT if path in node.files), None)
    if path is None or compiled(_UNTRANSLATED).search(node.files[path].text):
        return
    from halint.models.firewall.nftables import Ruleset

    ruleset = Ruleset(node, path)
    if ruleset.bases and not ruleset.fault:
        found.kind, found.families = "nftables", {4, 6}
        found.bases, found.untracks = ruleset.bases, ruleset.untracks
        text = node.files[path].text
        found.firewalld = "table inet firewalld " in text or "chain INPUT_ZONES" in text


def _read_firewalld(node: Node, found: Captured) -> None:
    """What firewalld itself listed, for what the others leave open."""
    from halint.models.firewall.firewalld import Firewalld

    running = Firewalld.running(node)
    if running is None:
        return
    if not found.bases:
        found.kind = "firewalld"
    families = {4, 6} if found.partial else {4, 6} - found.families
    found.bases += [Base(b.direction, family, b.chain, b.chains) for b in running.bases for family in sorted(families)]
    found.families, found.partial, found.firewalld = {4, 6}, False, True
