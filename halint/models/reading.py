"""Reads a file as what its program takes it for: an options file or an include may have any path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lazy import imported

if TYPE_CHECKING:
    from halint.node import Node
    from halint.source import Source
    from halint.tree import Tree


def tree_as(node: Node, source: Source, format: str) -> Tree:
    """The tree of `source` by the reader of `format`, whichever its path suggests."""
    if source.format == format:
        return node.tree(source)
    tree: Tree = imported(f"halint.readers.{format}").read(source)
    return tree
