"""KA415; its page is script_timing_slower_than_expected.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule

#: Seconds; three lost adverts at the default interval move an address in less than four.
_SLOW = 10


class ScriptTimingSlowerThanExpected(Rule):
    """A check takes long to notice a failure."""

    code = "KA415"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        for script in node.keepalived.tracked_scripts if node.keepalived else ():
            seconds = script.interval.value * script.fall.value
            if seconds > _SLOW:
                yield self.finding(
                    f"{node.name} goes on for {seconds:g} s after a failure that {script.name} looks for: it runs "
                    f"every {script.interval.value:g} s and has to fail {script.fall.value} times; lower one of them",
                    node,
                    script.interval.at,
                )
