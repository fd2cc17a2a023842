"""CX108; its page is vrrp_vip_family_vs_bind_family.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.haproxy.listeners import Bind
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.node import Node
from halint.rule import Rule


class VrrpVipFamilyVsBindFamily(Rule):
    """There is a virtual IPv6 address, and haproxy listens on all IPv4 addresses alone."""

    code = "CX108"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        if haproxy is None or not haproxy.binds_known:
            return
        line = next((line for line in _addresses(node)), None)
        binds = haproxy.certain_binds
        if line is None or any(bind.family != 4 for bind in binds):
            return
        wide = [bind for bind in binds if bind.wildcard]
        if wide:
            yield self.finding(
                f"clients of {line.text} get no connection on {node.name}: {wide[0].word.text} listens on IPv4 "
                f"addresses alone; write [::]:{_ports(wide[0])} v4v6",
                node,
                wide[0].word,
                related=[Location(node, line.word, "the virtual address")],
                fix=_fix(wide),
            )


def _addresses(node: Node) -> Iterator[VirtualAddress]:
    """The virtual IPv6 addresses that clients may ask."""
    if node.keepalived is None or any(":" in text for text in node.keepalived.balanced):
        return
    for instance in node.instances:
        for line in (*instance.advertised, *instance.excluded):
            if line.family == 6 and not line.dropped and not (line.address or "").startswith("fe80:"):
                yield line


def _ports(bind: Bind) -> str:
    return bind.word.text.rpartition(":")[2]


def _fix(binds: list[Bind]) -> Fix | None:
    if not all(
        agreement.literal(bind.word) and len(bind.statement.arguments[0].text.split(",")) == 1 for bind in binds
    ):
        return None
    changes = [edits.replace(bind.word, f"[::]:{_ports(bind)} v4v6") for bind in binds]
    return Fix("listen on IPv6 too", [*changes], Applicability.UNSAFE)
