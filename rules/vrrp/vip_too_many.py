"""KA121; its page is vip_too_many.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule

#: As many as there is room for in an advert: VRRP counts up to 255, and IPv6 addresses fill 1500 bytes before that.
_MOST = {4: 255, 6: 89}


class VipTooMany(Rule):
    """An instance has more virtual addresses than an advert can carry."""

    code = "KA121"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            carried = instance.advertised
            most = _MOST[instance.family or 4]
            if len(carried) > most:
                room = "" if most == 255 else ", with an MTU of 1500"
                yield self.finding(
                    f"the adverts of {instance.name} on {node.name} carry {most} of its {len(carried)} addresses: "
                    f"there is room for {most}{room}; move the rest to virtual_ipaddress_excluded, on all nodes",
                    node,
                    carried[most].word,
                )
