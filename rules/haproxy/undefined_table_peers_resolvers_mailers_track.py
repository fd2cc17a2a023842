"""HA122; its page is undefined_table_peers_resolvers_mailers_track.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Severity
from halint.fixes import edits
from halint.models.haproxy.references import undefined
from halint.nearest import Nearest
from halint.node import Node
from halint.rule import Rule


class UndefinedTablePeersResolversMailersTrack(Rule):
    """A line names a stick table, section, server or other thing that is not there."""

    code = "HA122"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        nearest = Nearest()
        for found in undefined(node, node.haproxy):
            meant = nearest(found.name, (n for n in found.names)) if hasattr(found.names, "__iter__") else None
            yield self.finding(
                f"haproxy on {node.name} will not start: there is no {found.what}; define it, or "
                + (f"write {meant!r}, which is there" if meant else "correct the name"),
                node,
                found.word,
                fix=edits.writing(found.word, meant, Applicability.DISPLAY, name=found.name),
            )
