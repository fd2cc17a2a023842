"""LG112; its page is missing_logrotate_entry.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity, Skipped
from halint.fixes import additions, log_rotation
from halint.models import logs
from halint.node import Node
from halint.rule import Rule


class MissingLogrotateEntry(Rule):
    """rsyslog writes a daemon's log lines to a file that logrotate never rotates."""

    code = "LG112"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        for path, (flow, word) in logs.files(node).items():
            rotated = node.logrotate.rotates(path)
            if rotated is None:
                yield self.skip(node, "logrotate")
            elif not rotated:
                yield self.finding(
                    f"{path} on {node.name} grows until the disk is full: rsyslog writes what {flow.daemon} logs to "
                    "it, and no entry of logrotate covers it; add one",
                    node,
                    word or flow.word,
                    related=[Location(node, flow.word, f"{flow.daemon} logs to {flow.facility}")],
                    fix=additions.fix(f"rotate {path}", node, log_rotation.entry(node, path)),
                )
