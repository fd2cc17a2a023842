"""KA124; its page is label_too_long.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits, labels
from halint.models.keepalived.virtual_address import MAX_LABEL
from halint.node import Node
from halint.rule import Rule


class LabelTooLong(Rule):
    """The label of a virtual address is longer than 15 characters, so keepalived removes the address."""

    code = "KA124"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        taken = labels.taken(node)
        for _, address in labels.labelled(node):
            label = address.label
            if label is None or not address.label_too_long:
                continue
            fix = None
            if agreement.literal(label) and address.family == 6:
                fix = Fix("drop the label", [labels.drop(address)], Applicability.SAFE)
            elif agreement.literal(label):
                shorter = labels.free(label.text[:MAX_LABEL], taken)
                fix = Fix(f"shorten the label to {shorter}", [edits.replace(label, shorter)], Applicability.SAFE)
            yield self.finding(
                f"{node.name} will never hold {address.text}: keepalived removes an address whose label is longer than "
                f"{MAX_LABEL} characters, and {label.text} has {len(label.text)}; shorten it",
                node,
                label,
                label=f"{len(label.text)} characters",
                fix=fix,
            )
