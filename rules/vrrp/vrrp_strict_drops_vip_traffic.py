"""KA116; its page is vrrp_strict_drops_vip_traffic.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.address import canonical
from halint.cluster import agreement
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule
from halint.tree import Statement


class VrrpStrictDropsVipTraffic(Rule):
    """vrrp_strict or no_accept makes keepalived drop every packet to an address that something serves."""

    code = "KA116"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.keepalived is None:
            return
        causes: dict[int, list[VrrpInstance]] = {}
        for instance in node.keepalived.instances:
            cause = _cause(instance)
            if cause is not None:
                causes.setdefault(id(cause), []).append(instance)
        for instances in causes.values():
            cause = _cause(instances[0])
            vips = [vip for instance in instances for vip in sorted(instance.all_vips)]
            served = [vip for vip in vips if _served(node, vip)]
            if cause is None or not vips or (cause.keyword == "no_accept" and not served):
                continue
            shown = (served or vips)[0] + (f" (and {len(served or vips) - 1} more)" if len(served or vips) > 1 else "")
            at = cause.words[0]
            yield self.finding(
                f"{node.name} will drop every packet to {shown} while it holds the address: {cause.keyword} makes "
                f"keepalived add a firewall rule for that; remove {cause.keyword}",
                node,
                at,
                related=[Location(node, instance.head, "accepts nothing") for instance in instances],
                fix=_fix(cause, instances),
                severity=Severity.ERROR if served else Severity.WARNING,
            )


def _cause(instance: VrrpInstance) -> Statement | None:
    """The statement that makes `instance` refuse packets to its addresses, or None where it accepts them."""
    if instance.accept.value:
        return None
    return instance.strict.statement if instance.strict.value else instance.accept.statement


def _served(node: Node, vip: str) -> bool:
    """Whether a proxy of haproxy, or a virtual server of keepalived, takes connections to `vip`."""
    family = 6 if ":" in vip else 4
    if node.haproxy is not None:
        for proxy in node.haproxy.proxies:
            for bind in proxy.binds:
                if bind.address == vip or (bind.wildcard and bind.family in (family, None)):
                    return True
    servers = node.keepalived.virtual_servers if node.keepalived else []
    return any(len(server.words) > 1 and canonical(server.words[1].text) == vip for server in servers)


def _fix(cause: Statement, instances: list[VrrpInstance]) -> Fix | None:
    """Remove what refuses. Not safe where it also changes the adverts (authentication), or was meant (no_accept)."""
    refusals = [
        refusal
        for instance in instances
        if (refusal := instance.accept.statement) is not None
        and refusal is not cause
        and refusal.keyword == "no_accept"
    ]
    statements = [cause, *refusals]
    if not all(agreement.literal(statement.words[0]) for statement in statements):
        return None
    meant = cause.keyword == "no_accept" or refusals or any(instance.auth_type.value for instance in instances)
    made: list[Edit | Create] = [edits.remove(statement) for statement in statements]
    return Fix(f"remove {cause.keyword}", made, Applicability.UNSAFE if meant else Applicability.SAFE)
