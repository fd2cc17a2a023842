"""KA137; its page is vmac_unicast_without_xmit_base.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.block import last_line
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class VmacUnicastWithoutXmitBase(Rule):
    """Adverts to unicast peers cannot be sent from a virtual MAC address, so keepalived sets vmac_xmit_base."""

    code = "KA137"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            if not instance.use_vmac.value or not instance.unicast or _from_base(instance):
                continue
            yield self.finding(
                f"`keepalived -t` fails on {node.name}: {instance.name} has unicast peers, so its adverts leave by "
                f"{instance.interface.value or 'the interface'} itself, with use_vmac too; add vmac_xmit_base",
                node,
                instance.use_vmac.at,
                fix=_fix(instance),
            )


def _from_base(instance: VrrpInstance) -> bool:
    return last_line(instance.statement, "vmac_xmit_base") is not None


def _fix(instance: VrrpInstance) -> Fix | None:
    statement = instance.use_vmac.statement
    if statement is None or not agreement.literal(statement.words[0]):
        return None
    return Fix("add vmac_xmit_base", [edits.after(statement, "vmac_xmit_base")], Applicability.SAFE)
