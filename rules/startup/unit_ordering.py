"""ST106; its page is unit_ordering.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule
from halint.tree import Statement

_UNIT = "/etc/systemd/system/keepalived.service"
_TARGET = "network-online.target"


class UnitOrdering(Rule):
    """A unit of one's own starts keepalived before the network is there."""

    code = "ST106"
    severity = Severity.WARNING

    def check_node(self, node: Node) -> Iterator[Finding]:
        files = node.with_drop_ins(_UNIT)
        if _UNIT not in node.files or not node.instances:
            return
        units = [unit for file in files for unit in node.tree(file).statements if unit.keyword == "Unit"]
        lines = [line for unit in units for line in unit.statements("After", "Wants", "Requires", "BindsTo")]
        if units and not any(_TARGET in word.text for line in lines for word in line.arguments):
            yield self.finding(
                f"keepalived on {node.name} may start before its interface is there after a boot, and stay in FAULT "
                f"state: its unit does not wait for {_TARGET}; add it to After and Wants",
                node,
                units[0].words[0],
                fix=_fix(units[0]),
            )


def _fix(unit: Statement) -> Fix | None:
    if not unit.body:
        return None
    lines = f"After={_TARGET}", f"Wants={_TARGET}"
    return Fix(f"wait for {_TARGET}", [edits.after(unit.body[0], *lines)], Applicability.UNSAFE)
