"""KA144; its page is router_id_missing_or_duplicated.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.setting import Setting
from halint.node import Node
from halint.rule import Rule


class RouterIdMissingOrDuplicated(Rule):
    """Two nodes have the same router_id, so nobody can tell whose mail or trap it is."""

    code = "KA144"
    severity = Severity.INFO

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        known: dict[str, tuple[Node, Setting[str | None]]] = {}
        for node in cluster.nodes:
            name = node.keepalived.global_text("router_id") if node.keepalived else None
            if name is None or name.word is None or "$" in name.word.text or not _tells(node):
                continue
            other, first = known.setdefault(name.word.text, (node, name))
            if other is not node:
                yield self.finding(
                    f"mails and SNMP traps of {other.name} and {node.name} cannot be told apart: both have router_id "
                    f"{name.word.text}; remove it, and keepalived uses the host name",
                    node,
                    name.at,
                    related=[Location(other, first.at, f"that of {other.name}")],
                    fix=_fix(name),
                )


def _tells(node: Node) -> bool:
    """Whether anybody is to hear of it: by mail or SNMP."""
    keepalived = node.keepalived
    return keepalived is not None and any(
        keepalived.global_setting(keyword) is not None
        for keyword in ("notification_email", "enable_snmp_vrrp", "enable_snmp_keepalived", "enable_traps")
    )


def _fix(name: Setting[str | None]) -> Fix | None:
    if name.statement is None or not agreement.literal(name.statement.words[0]):
        return None
    return Fix("remove router_id", [edits.remove(name.statement)], Applicability.SAFE)
