"""CX107; its page is nonlocal_bind_masks_wrong_src.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class NonlocalBindMasksWrongSrc(Rule):
    """An instance sends from an address that the node does not have, and the kernel lets it."""

    code = "CX107"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            source = instance.unicast_src_ip
            own = address.canonical(source.value) if source.value else None
            if own is None or own in instance.all_vips or node.interfaces.has(own) is not False:
                continue
            key = f"net.ipv{instance.family or 4}.ip_nonlocal_bind"
            allowed = node.sysctl.value(key)
            if allowed.value == "1" and allowed.word is not None:
                yield self.finding(
                    f"{node.name} sends the adverts of {instance.name} from {own}, which it does not have, and only "
                    f"{key} keeps keepalived from FAULT state: peers answer somebody else; write an address of "
                    f"{node.name}",
                    node,
                    source.at,
                    related=[Location(node, allowed.word, "lets it")],
                )
