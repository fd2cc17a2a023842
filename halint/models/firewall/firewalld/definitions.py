"""The files of zones, services, policies and ipsets: the node's own over the packaged ones, and over both what
firewalld had while it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.readers import xml
from halint.readers.lexer import compiled
from halint.readers.xml import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.models.firewall.firewalld.listing import Listing
    from halint.node import Node

FOLDER = "/etc/firewalld"
PACKAGED = "/usr/lib/firewalld"


class Definitions:
    """What `node` defines: kinds of definitions are called as the folders of their files. running: what outranks
    them, or None: zones and policies, since services and ipsets are not listed with what they hold."""

    def __init__(self, node: Node, running: Listing | None = None) -> None:
        self._node = node
        self._listed = {} if running is None else {"zones": running.zones, "policies": running.policies}

    def read(self, folder: str, name: str) -> Element | None:
        """The element of a definition: the node's own, or the packaged one where the input has it."""
        if not compiled(r"[\w./-]+").fullmatch(name):
            return None
        listed = self._listed.get(folder)
        if listed is not None:
            return listed.get(name)
        own = self._node.files.get(f"{FOLDER}/{folder}/{name}.xml")
        if own is not None:
            root = self._node.tree(own).statements
        else:
            packaged = self._node.files.get(f"{PACKAGED}/{folder}/{name}.xml")
            root = [] if packaged is None else xml.read(packaged).statements
        return root[0] if root and isinstance(root[0], Element) else None

    def names(self, folder: str) -> list[str]:
        """The names of the node's own definitions."""
        listed = self._listed.get(folder)
        if listed is not None:
            return list(listed)
        return [path.rpartition("/")[2][:-4] for path, _ in self._node.matching(f"{FOLDER}/{folder}/", ".xml")]

    def own(self, folder: str) -> Iterator[tuple[str, Element]]:
        """The node's own definitions, by name."""
        listed = self._listed.get(folder)
        if listed is not None:
            yield from listed.items()
            return
        for path, source in self._node.matching(f"{FOLDER}/{folder}/", ".xml"):
            root = self._node.tree(source).statements
            if root and isinstance(root[0], Element):
                yield path.rpartition("/")[2][:-4], root[0]
