"""KA126; its page is label_duplicate.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits, labels
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.node import Node
from halint.rule import Rule


class LabelDuplicate(Rule):
    """Two virtual addresses of a node have the same label."""

    code = "KA126"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        taken = labels.taken(node)
        first: dict[str, VirtualAddress] = {}
        for instance, address in labels.labelled(node):
            label = address.label
            if label is None or not labels.used(address):
                continue
            interface = address.device.text if address.device else instance.interface.value
            other = first.setdefault(label.text, address)
            if other.address == address.address or label.text == interface or other.label is None:
                continue
            fix = None
            if agreement.literal(label):
                another = labels.free(label.text, taken)
                taken.add(another)
                fix = Fix(f"call it {another}", [edits.replace(label, another)], Applicability.SAFE)
            yield self.finding(
                f"ifconfig will show only one of {other.text} and {address.text} on {node.name}: both have the label "
                f"{label.text}; give each its own",
                node,
                label,
                related=[Location(node, other.label, f"the label of {other.text}")],
                fix=fix,
            )
