"""CX102; its page is vip_nobody_binds.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Finding, Location, Severity
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class VipNobodyBinds(Rule):
    """haproxy listens on some virtual addresses of an instance, and not on this one."""

    code = "CX102"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for line in _unserved(node, instance):
                bind = health.serving(node, instance)
                if bind is not None:
                    yield self.finding(
                        f"clients of {line.text} get no connection on {node.name}: haproxy listens on other addresses "
                        f"of {instance.name}, and not on this one; bind it, or remove it",
                        node,
                        line.word,
                        related=[Location(node, bind.word, "listens on another")],
                    )


def _unserved(node: Node, instance: VrrpInstance) -> list[VirtualAddress]:
    """The addresses that nothing serves as far as is known, of an instance whose other ones haproxy serves."""
    model, haproxy = node.keepalived, node.haproxy
    if model is None or haproxy is None or not instance.complete or not haproxy.binds_known:
        return []
    named = {bind.address for bind in haproxy.certain_binds if bind.address}
    if not named & instance.all_vips or model.balanced & instance.all_vips:
        return []
    wide = {family for bind in haproxy.certain_binds if bind.wildcard for family in _families(bind.family)}
    lines = (*instance.advertised, *(line for line in instance.excluded if not line.dropped))
    return [
        line
        for line in lines
        if line.address not in named and line.family not in wide and not (line.address or "").startswith("fe80:")
    ]


def _families(family: int | None) -> tuple[int, ...]:
    return (4, 6) if family is None else (family,)
