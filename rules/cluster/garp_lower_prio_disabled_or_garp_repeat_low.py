"""KA224; its page is garp_lower_prio_disabled_or_garp_repeat_low.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.gratuitous_arp import GratuitousArp
from halint.node import Node
from halint.rule import Rule


class GarpLowerPrioDisabledOrGarpRepeatLow(Rule):
    """Whoever takes an address over says so once only, and a lost packet leaves the neighbours with the old node."""

    code = "KA224"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        said: set[object] = set()
        for instance in node.instances:
            sent = GratuitousArp(node.keepalived, instance) if node.keepalived else None
            if sent is None or sent.refresh.value or sent.delay.value or sent.repeat.value > 1:
                continue
            place = sent.repeat.at.source, sent.repeat.at.start
            if instance.use_vmac.value or place in said:
                continue
            said.add(place)
            yield self.finding(
                f"when {node.name} takes the addresses of {instance.name} over, it says so in one gratuitous ARP for "
                "each, and where that is lost neighbours keep sending to the node before; repeat it, or set "
                "garp_master_refresh",
                node,
                sent.repeat.at,
                label="once only",
            )
