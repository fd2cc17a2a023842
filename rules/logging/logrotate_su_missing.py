"""LG116; its page is logrotate_su_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits, log_rotation
from halint.node import Node
from halint.rule import Rule


class LogrotateSuMissing(Rule):
    """The folder of a log file belongs to a group, and logrotate refuses to rotate in it."""

    code = "LG116"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for entry, (pattern, path) in log_rotation.of_daemons(node).items():
            if log_rotation.is_insecure(node, path) and "su" not in entry.options:
                yield self.finding(
                    f"logrotate on {node.name} never rotates {path}: the group syslog may write to /var/log, as on any "
                    "Ubuntu, and neither the entry nor logrotate.conf says su; add su root adm",
                    node,
                    pattern,
                    fix=Fix("rotate as root", [edits.into(entry.statement, "su root adm")], Applicability.SAFE),
                )
