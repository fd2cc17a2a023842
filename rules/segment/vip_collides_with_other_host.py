"""KA304; its page is vip_collides_with_other_host.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster
from halint.cluster.virtual_router import Member
from halint.finding import Finding, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule


class VipCollidesWithOtherHost(Rule):
    """A virtual address is that of another machine: of a node that is no part of it, or of a gateway."""

    code = "KA304"
    severity = Severity.ERROR
    oracle = "lab"
    between_clusters = True

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        hosts = {own: node for node in cluster.nodes for own in _own(node)}
        for router in cluster.virtual_routers:
            said: set[str] = set()
            for member in router.known:
                yield from self.skip_unknown(member.node, "addresses")
                for vip in sorted(member.instance.all_vips - said):
                    other = _holder(cluster, hosts, member, vip)
                    if other is not None:
                        said.add(vip)
                        yield self._report(member, vip, *other)

    def _report(self, member: Member, vip: str, what: str, places: list[Location]) -> Finding:
        return self.finding(
            f"{vip} will be in the network twice: {member.node.name} has it as a virtual address, and it is {what}; "
            "give the cluster an address that no other machine has",
            member.node,
            member.instance.line_of(vip).word,
            label="virtual address",
            related=places,
        )


def _holder(cluster: Cluster, hosts: dict[str, Node], member: Member, vip: str) -> tuple[str, list[Location]] | None:
    """Whose address `vip` is besides, in words, and where that is written."""
    node = member.node
    gateway = node.interfaces.gateways.get(vip)
    if gateway is not None:
        return f"the gateway of {node.name}", [Location(node, gateway, "the gateway")]
    host = hosts.get(vip)
    if host is None and not cluster.alone:
        use = cluster.register.host(cluster, member, vip)
        host = use.node if use is not None else None
    if host is None or any(vip in instance.all_vips for instance in host.instances):  # else KA123 says that
        return None
    return f"an address of {host.name} itself", []


def _own(node: Node) -> Iterator[str]:
    """The addresses that its files give its interfaces, canonical."""
    for addresses in node.interfaces.configured.values():
        for text in addresses:
            own = address.canonical(text)
            if own is not None:
                yield own
