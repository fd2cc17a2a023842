"""KA133; its page is unicast_src_is_vip.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class UnicastSrcIsVip(Rule):
    """unicast_src_ip is a virtual address, which the node has only once it is elected."""

    code = "KA133"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            source = instance.unicast_src_ip
            own = address.canonical(source.value) if source.value and instance.unicast else None
            line = next((line for line in instance.advertised if line.address == own), None)
            if line is None or node.interfaces.has(line.text):
                continue
            key = f"net.ipv{line.family}.ip_nonlocal_bind"
            bound = node.sysctl.value(key).value
            if bound == "1":
                continue
            excuse = "" if bound else f", unless {key} is 1"
            yield self.finding(
                f"{instance.name} on {node.name} stays in FAULT state: it sends from {own}, which is a virtual address "
                f"and not there before it is elected{excuse}; write an address of {node.name} itself",
                node,
                source.at,
                related=[Location(node, line.word, "the virtual address")],
            )
