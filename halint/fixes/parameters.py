"""Kernel parameters as fixes set them: where a value of a node is written, or is to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability, Create, Edit, Fix
from halint.fixes import edits

if TYPE_CHECKING:
    from halint.node import Node
    from halint.tree import Word


def fix(node: Node, key: str, value: str, *, name: str, why: str, beside: str | None = None) -> Fix | None:
    """The fix after which `node` has `key` (net.ipv4.ip_forward) set to `value` after a boot and `sysctl --system`.

    It changes the lines that say otherwise, which is unsafe, since somebody wrote them; else it adds one: below the
    pattern that decides, beside the key `beside` where that is set, or in a drop-in /etc/sysctl.d/`name`, with the
    comment `why`. None where a package's file outranks that, and where the files say so already.
    """
    title, line = f"set {key} to {value}", f"{key} = {value}"
    written = node.sysctl.written(key)
    wrong = [
        edits.replace(each.word, value)
        for each in node.sysctl.assigning(key)
        if each.word is not None and each.word.text != value and _is_own(each.path)
    ]
    if written.value == value and written.word is not None and written.word.text == value:
        return None
    if any(edit.start == written.word.start and edit.source is written.word.source for edit in wrong if written.word):
        return Fix(title, list(wrong), Applicability.UNSAFE)
    if written.word is not None and _is_own(written.path):  # by a pattern, which is for others, too
        return Fix(title, [_below(written.word, line), *wrong], Applicability.UNSAFE)
    excluding = node.sysctl.excluding(key)
    if excluding is not None:  # whatever an earlier file says
        return (
            Fix(title, [_below(excluding.key, line), *wrong], Applicability.UNSAFE) if _is_own(excluding.path) else None
        )
    drop_in = f"/etc/sysctl.d/{name}"
    if written.path is not None and written.path.rpartition("/")[2] >= name:
        return None
    applicability = Applicability.UNSAFE if wrong else Applicability.SAFE
    other = None if beside is None else node.sysctl.written(beside)
    if written.word is None and other is not None and other.word is not None and _is_own(other.path):
        return Fix(title, [_below(other.word, line), *wrong], applicability)
    if drop_in in node.files:
        return Fix(title, [edits.append(node.files[drop_in], line), *wrong], applicability)
    if node.host_path(drop_in) is None:
        applicability = Applicability.DISPLAY
    return Fix(title, [Create(node, drop_in, f"# {why}\n{line}\n"), *wrong], applicability)


def _is_own(path: str | None) -> bool:
    """Whether `path` is no package's file."""
    return path is not None and path.startswith("/etc/")


def _below(word: Word, line: str) -> Edit:
    """Put `line` below that of `word`."""
    source, end = word.source, edits.newline(word.source)
    at = source.line_end(word.end)
    return Edit(source, at, at, line + end if source.text[:at].endswith("\n") else end + line)
