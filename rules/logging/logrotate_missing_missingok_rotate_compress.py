"""LG120; its page is logrotate_missing_missingok_rotate_compress.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits, log_rotation
from halint.node import Node
from halint.rule import Rule


class LogrotateMissingMissingokRotateCompress(Rule):
    """logrotate fails where a log file is not there yet, or keeps no old one."""

    code = "LG120"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for entry, (pattern, path) in log_rotation.of_daemons(node).items():
            lines, why = log_rotation.lacking(node, entry, path)
            if lines:
                yield self.finding(
                    f"logrotate on {node.name} {' and '.join(why)}; add {', '.join(lines)}",
                    node,
                    pattern,
                    fix=Fix("say it", [edits.into(entry.statement, *lines)], Applicability.SAFE),
                )
