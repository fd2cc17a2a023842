"""KA130; its page is advert_int_invalid.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class AdvertIntInvalid(Rule):
    """keepalived does not use advert_int as it is written."""

    code = "KA130"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            used = f"{instance.name} advertises every {instance.advert_int.value:g} s on {node.name}"
            for word in instance.refused.get("advert_int", ()):
                yield self.finding(f"{used}: {word.text} is no number from 0.01 to 255; correct it", node, word)
            if instance.advert_int_changed:
                unit = "whole seconds" if instance.version.value == 2 else "hundredths of a second up to 40.95 s"
                yield self.finding(
                    f"{used}: VRRP version {instance.version.value} counts in {unit}; write what is meant, the same on "
                    "all nodes",
                    node,
                    instance.advert_int.at,
                )
