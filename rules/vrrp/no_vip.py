"""KA118; its page is no_vip.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived import refusal
from halint.node import Node
from halint.rule import Rule


class NoVip(Rule):
    """An instance has no virtual address that it could advertise."""

    code = "KA118"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            if instance.advertised or instance.partial or instance.unknown_addresses:
                continue
            cause = refusal.needs_address(instance)
            lines = "none of its lines is one that it takes" if instance.addresses else "it lists none"
            block = next(instance.statement.statements("virtual_ipaddress"), None)
            yield self.finding(
                f"VRRP on {node.name} will not start: {instance.name} needs a virtual address {cause}, and {lines}; "
                "add one to virtual_ipaddress"
                if cause
                else f"{instance.name} on {node.name} advertises no virtual address: {lines}; add one to "
                "virtual_ipaddress, or remove the instance",
                node,
                block.words[0] if block else instance.head,
                severity=Severity.ERROR if cause else Severity.WARNING,
            )
