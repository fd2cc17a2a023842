"""LG114; its page is logrotate_without_postrotate_hup.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.fixes import log_rotation
from halint.models import logs
from halint.models.logrotate import Entry
from halint.node import Node
from halint.rule import Rule


class LogrotateWithoutPostrotateHup(Rule):
    """rsyslog is not told that its log file was rotated, and writes on into the old one."""

    code = "LG114"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        reported: set[Entry] = set()
        for path, (_, word) in logs.files(node).items():
            for entry in node.logrotate.covering(path)[:1]:
                pattern = entry.covers(path)
                if pattern is None or entry in reported or entry.in_place or entry.signals_rsyslog is not False:
                    continue
                reported.add(entry)
                script = entry.options.get("postrotate")
                why = "no postrotate script signals it" if script is None else "the postrotate script does not reach it"
                yield self.finding(
                    f"after its first rotation {path} on {node.name} stays empty: rsyslogd writes on into the rotated "
                    f"file, since {why}; send it HUP",
                    node,
                    pattern,
                    related=[Location(node, word, "rsyslog writes to it")] if word is not None else [],
                    fix=log_rotation.signal(node, entry),
                )
