"""KA127; its page is label_on_ipv6.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import labels
from halint.node import Node
from halint.rule import Rule


class LabelOnIpv6(Rule):
    """An IPv6 virtual address has a label, which keepalived ignores."""

    code = "KA127"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for _, address in labels.labelled(node):
            label = address.label
            if label is None or address.family != 6 or address.dropped:
                continue
            fix = (
                Fix("drop the label", [labels.drop(address)], Applicability.SAFE) if agreement.literal(label) else None
            )
            yield self.finding(
                f"{address.text} will have no label on {node.name}, and `keepalived -t` fails there: only IPv4 "
                f"addresses have labels; drop {label.text}",
                node,
                label,
                fix=fix,
            )
