"""LG106; its page is imudp_loaded_twice.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule


class ImudpLoadedTwice(Rule):
    """A module of rsyslog is loaded a second time, which it refuses."""

    code = "LG106"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for name, statement, first in node.rsyslog.loaded_again:
            yield self.finding(
                f"rsyslogd on {node.name} complains of its configuration, and `rsyslogd -N1` fails: {name} is loaded "
                "already; load it once",
                node,
                statement.words[0],
                related=[Location(node, word, "loaded here") for word in first],
                fix=Fix(f"load {name} once", [edits.remove(statement)], Applicability.SAFE),
            )
