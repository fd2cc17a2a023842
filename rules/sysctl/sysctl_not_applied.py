"""SY107; its page is sysctl_not_applied.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class SysctlNotApplied(Rule):
    """A file sets a kernel parameter, and the kernel had another value when it was captured."""

    code = "SY107"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for line, loaded in node.sysctl.not_applied():
            assert line.word is not None
            key = line.key.text.removeprefix("-")
            yield self.finding(
                f"{key} was {loaded.text} on {node.name} when it was captured, and {line.path} says {line.word.text}: "
                "it was never applied, or something sets it later, and a boot may change what works today; apply it "
                "(sysctl --system), or write what is meant",
                node,
                line.word,
                label="not what the kernel had",
                related=[Location(node, loaded, "the kernel's own")],
            )
