"""KA125; its page is label_wrong_interface.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits, labels
from halint.models.keepalived.virtual_address import MAX_LABEL
from halint.node import Node
from halint.rule import Rule


class LabelWrongInterface(Rule):
    """The label of a virtual address does not begin with the interface that the address is on."""

    code = "KA125"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        taken = labels.taken(node)
        for instance, address in labels.labelled(node):
            interface = address.device.text if address.device else instance.interface.value
            label = address.label
            if label is None or not interface or not labels.used(address) or instance.use_vmac.value:
                continue
            if label.text == interface or label.text.startswith(interface + ":"):
                continue
            prefix, colon, suffix = label.text.partition(":")
            wanted = f"{interface}:{suffix if colon else prefix}"
            fix = None
            if agreement.literal(label) and len(wanted.encode()) <= MAX_LABEL and wanted not in taken:
                fix = Fix(f"call it {wanted}", [edits.replace(label, wanted)], Applicability.SAFE)
                taken.add(wanted)
            yield self.finding(
                f"tools that look for {interface}:* will not find {address.text} on {node.name}: its label is "
                f"{label.text}, though the address is on {interface}; begin the label with {interface}:",
                node,
                label,
                fix=fix,
                severity=Severity.WARNING if colon else Severity.INFO,
            )
