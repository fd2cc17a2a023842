"""By which versions of keepalived and haproxy the files of a node are judged, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halint.node import Node
    from halint.versions import Version


class Judged:
    """program: "keepalived" or "haproxy". told: whether the input or the user says the version. reason: who says it,
    or why this one was assumed."""

    __slots__ = ("program", "reason", "told", "version")

    def __init__(self, program: str, version: Version, told: bool, reason: str) -> None:
        self.program = program
        self.version = version
        self.told = told
        self.reason = reason


def versions(node: Node) -> Iterator[Judged]:
    """Of each program that `node` has a configuration of."""
    targets = node.targets
    if node.keepalived is not None:
        from halint.patterns.keepalived_table import NEWEST

        newest = "nothing says which; the newest, which knows every keyword of the others"
        told = targets.keepalived is not None
        reason = targets.reasons.get("keepalived", "") if told else newest
        yield Judged("keepalived", targets.keepalived or NEWEST, told, reason)
    if node.haproxy is not None:
        agrees = "nothing says which; the newest that agrees with the keywords in its files"
        told = targets.haproxy is not None
        reason = targets.reasons.get("haproxy", "") if told else agrees
        yield Judged("haproxy", node.haproxy.language, told, reason)
