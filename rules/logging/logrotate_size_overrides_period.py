"""LG118; its page is logrotate_size_overrides_period.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits, log_rotation
from halint.node import Node
from halint.rule import Rule


class LogrotateSizeOverridesPeriod(Rule):
    """Of a size and a period in one entry of logrotate the last one counts alone."""

    code = "LG118"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for entry, (_, path) in log_rotation.of_daemons(node).items():
            pair = entry.overruled
            if pair is None:
                continue
            lost, last = pair
            size = lost if lost.keyword == "size" else last
            when = (
                f"however large it is, only {last.keyword}" if size is lost else "only once it is larger than this size"
            )
            yield self.finding(
                f"logrotate on {node.name} rotates {path} {when}: {last.keyword} takes the place of the {lost.keyword} "
                "before it; write maxsize for both",
                node,
                last.words[0],
                related=[Location(node, lost.words[0], "does not count")],
                fix=Fix("write maxsize", [edits.replace(size.words[0], "maxsize")], Applicability.UNSAFE),
            )
