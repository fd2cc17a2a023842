"""LG119; its page is logrotate_unterminated_script_or_mode.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.fixes import log_rotation
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class LogrotateUnterminatedScriptOrMode(Rule):
    """logrotate drops an entry whose script has no end, and a file that others than root may write."""

    code = "LG119"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for script in node.logrotate.scripts_without_end:
            yield self.finding(
                f"logrotate on {node.name} never rotates these log files, nor those of the entries below: the "
                f"{script.keyword} script has no endscript; end it",
                node,
                script.words[0],
                fix=log_rotation.end(script, script.words[1].end),
            )
        for script, end in node.logrotate.scripts_over_entries:
            yield self.finding(
                f"logrotate on {node.name} never rotates the log files of the entry below, which it takes for part of "
                f"this {script.keyword} script: that has no endscript; end it",
                node,
                script.words[0],
                fix=log_rotation.end(script, end),
            )
        for path, source in node.logrotate.ignored:
            yield self.finding(
                f"logrotate on {node.name} passes over {path}, so what it names is never rotated: others than root may "
                f"write it (mode {source.mode:04o}); chmod 644 it",
                node,
                Word(source, 0, 0),
            )
