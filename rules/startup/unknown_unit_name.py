"""ST108; its page is unknown_unit_name.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models import units
from halint.node import Node
from halint.rule import Rule


class UnknownUnitName(Rule):
    """A command starts or reloads a unit that no distribution has."""

    code = "ST108"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        for word, right in units.misnamed(node):
            yield self.finding(
                f"the command does nothing on {node.name}: there is no unit {word.text}; write {right}",
                node,
                word,
                fix=Fix(f"write {right}", [edits.replace(word, right)], Applicability.SAFE),
            )
