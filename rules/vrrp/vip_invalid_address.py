"""KA120; its page is vip_invalid_address.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.node import Node
from halint.rule import Rule


class VipInvalidAddress(Rule):
    """A line of virtual_ipaddress begins with no address, or with an address whose prefix length is none."""

    code = "KA120"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for line in instance.addresses + instance.excluded:
                if instance.is_unknown(line.word):
                    continue
                if line.address is None:
                    yield self.finding(
                        f"{node.name} will never hold {line.word.text}: it is no address; correct it",
                        node,
                        line.word,
                        label="skipped",
                    )
                elif line.bad_length:
                    bits = 32 if line.family == 4 else 128
                    yield self.finding(
                        f"{node.name} will set {line.address} with the prefix length {bits}: "
                        f"{line.word.text.partition('/')[2]} is no number up to {bits}; correct it",
                        node,
                        line.word,
                        label=f"{bits} is used",
                        fix=_fix(line),
                        severity=Severity.WARNING,
                    )


def _fix(line: VirtualAddress) -> Fix | None:
    """A netmask says the length in other words."""
    network = address.network(line.word.text)
    if network is None or not agreement.literal(line.word):
        return None
    text = f"{line.word.text.partition('/')[0]}/{network.length}"
    return Fix(f"write {text}", [edits.replace(line.word, text)], Applicability.SAFE)
