"""LG115; its page is logrotate_postrotate_many_files_no_sharedscripts.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits, log_rotation
from halint.node import Node
from halint.rule import Rule


class LogrotatePostrotateManyFilesNoSharedscripts(Rule):
    """rsyslog is told of the rotation once for each file."""

    code = "LG115"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for entry in log_rotation.of_daemons(node):
            for script in entry.runs_for_each if entry.several else []:
                yield self.finding(
                    f"logrotate on {node.name} runs this {script.keyword} script once for each file that it rotates; "
                    "sharedscripts runs it once",
                    node,
                    script.words[0],
                    fix=Fix("run the scripts once", [edits.before(script, "sharedscripts")], Applicability.SAFE),
                )
