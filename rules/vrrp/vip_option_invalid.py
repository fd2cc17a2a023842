"""KA151; its page is vip_option_invalid.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class VipOptionInvalid(Rule):
    """keepalived does not take an option of a virtual address, and drops the option or the address."""

    code = "KA151"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for line in instance.addresses + instance.excluded:
                for fault in line.faults if line.address else ():
                    if fault.drops:
                        effect, severity = f"{node.name} will never hold {line.text}", Severity.ERROR
                    else:
                        effect, severity = f"keepalived on {node.name} ignores {fault.word.text} of {line.text}", None
                    yield self.finding(f"{effect}: {fault.what}; correct it", node, fault.word, severity=severity)
