"""Kernel parameters as fixes set them: where a value of a node is written, or is to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability, Create, Edit, Fix
from halint.fixes import edits

if TYPE_CHECKING:
    from halint.node import Node


def fix(node: Node, key: str, value: str, *, name: str, why: str, beside: str | None = None) -> Fix | None:
    """The fix after which `node` boots with `key` (net.ipv4.ip_forward) set to `value`.

    It changes the line that decides, which is unsafe, since somebody wrote it; else it adds one, beside the key
    `beside` where that is set, or in a drop-in /etc/sysctl.d/`name`, with the comment `why`. None where a package's
    file decides, and where the files say so already.
    """
    title, line = f"set {key} to {value}", f"{key} = {value}"
    written = node.sysctl.written(key)
    if written.word is not None:
        if written.word.text == value or written.path is None or not written.path.startswith("/etc/"):
            return None
        return Fix(title, [edits.replace(written.word, value)], Applicability.UNSAFE)
    other = None if beside is None else node.sysctl.written(beside)
    if other is not None and other.word is not None and other.path is not None and other.path.startswith("/etc/"):
        source = other.word.source
        at = source.line_end(other.word.end)
        end = edits.newline(source)
        text = line + end if source.text[:at].endswith("\n") else end + line
        return Fix(title, [Edit(source, at, at, text)], Applicability.SAFE)
    drop_in = f"/etc/sysctl.d/{name}"
    if drop_in in node.files:
        return Fix(title, [edits.append(node.files[drop_in], line)], Applicability.SAFE)
    safe = node.host_path(drop_in) is not None
    created = Create(node, drop_in, f"# {why}\n{line}\n")
    return Fix(title, [created], Applicability.SAFE if safe else Applicability.DISPLAY)
