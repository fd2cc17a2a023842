"""Fixes that add lines to a file of a node, which may not be there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability, Create, Edit, Fix
from halint.fixes import edits

if TYPE_CHECKING:
    from halint.node import Node


def addition(node: Node, path: str, *lines: str) -> Edit | Create:
    """Put `lines` at the end of the file `path` of `node`, or into a new one."""
    if path in node.files:
        return edits.append(node.files[path], *lines)
    return Create(node, path, "".join(line + "\n" for line in lines))


def fix(title: str, node: Node, *changes: Edit | Create) -> Fix:
    """Make `changes`, which was certainly meant; shown alone where `node` has no place for a new file."""
    created = [change.path for change in changes if isinstance(change, Create)]
    placed = all(node.host_path(path) is not None for path in created)
    return Fix(title, list(changes), Applicability.SAFE if placed else Applicability.DISPLAY)
