"""CX101; its page is bind_vip_not_in_keepalived.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster
from halint.finding import Finding, Severity, Skipped
from halint.models.haproxy.listeners import Bind
from halint.models.keepalived import Keepalived
from halint.node import Node
from halint.rule import Rule


class BindVipNotInKeepalived(Rule):
    """haproxy binds an address that is neither a virtual address of the node's keepalived nor the node's own."""

    code = "CX101"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for node in cluster.nodes:
            fixed = node.haproxy.fixed_binds if node.haproxy is not None else []
            binds = [bind for bind in fixed if not address.is_loopback(bind.address or "")]
            if not binds:
                continue
            virtual = None if node.keepalived is None else _virtual(node.keepalived)
            if virtual is None:
                yield self.skip(node, "keepalived")
                continue
            for bind in binds:
                own = bind.address in virtual or node.interfaces.has(bind.address or "")
                if own is None:
                    yield self.skip(node, "addresses")
                elif not own and not _is_of_another(cluster, node, bind):
                    yield self._report(node, bind)

    def _report(self, node: Node, bind: Bind) -> Finding:
        nonlocal_bind = node.sysctl.value(f"net.ipv{bind.family}.ip_nonlocal_bind").value
        if nonlocal_bind == "0":
            effect = f"haproxy on {node.name} will not start (cannot bind socket)"
        elif nonlocal_bind is not None:
            effect = f"nobody will ever reach haproxy at {bind.address} on {node.name}"
        else:
            effect = f"haproxy on {node.name} will not start, or with ip_nonlocal_bind serve nobody"
        return self.finding(
            f"{effect}: {bind.address} is neither a virtual address of keepalived there nor the node's own; "
            "correct it, or add it to keepalived",
            node,
            bind.word,
        )


def _virtual(keepalived: Keepalived) -> set[str] | None:
    """The addresses that keepalived may set on its node, static ones too; None where not all are known."""
    if keepalived.missing_includes or not all(instance.complete for instance in keepalived.instances):
        return None
    lines = [a.address for i in keepalived.instances for a in (*i.addresses, *i.excluded)]
    lines += [
        address.canonical(line.keyword)
        for block in keepalived.statements
        if block.keyword == "static_ipaddress"
        for line in block.body or ()
    ]
    return None if None in lines else {line for line in lines if line is not None}


def _is_of_another(cluster: Cluster, node: Node, bind: Bind) -> bool:
    """Whether `bind` is for another node that has the same haproxy.cfg: harmless with ip_nonlocal_bind."""
    if bind.address is None or node.sysctl.value(f"net.ipv{bind.family}.ip_nonlocal_bind").value in ("0", None):
        return False
    others = (other for other in cluster.nodes if other is not node)
    return any(
        other.interfaces.has(bind.address)
        or (other.keepalived is not None and bind.address in (_virtual(other.keepalived) or ()))
        for other in others
    )
