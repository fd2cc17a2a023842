"""KA217; its page is config_copied_with_node_identity.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Finding, Location, Severity
from halint.rule import Rule


class ConfigCopiedWithNodeIdentity(Rule):
    """A node sends its adverts from the address of another: its file was copied with the other's unicast_src_ip."""

    code = "KA217"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            for source, members in router.shared_sources.items():
                first, *others = sorted(members, key=lambda member: _is_copy(member, source))
                for member in others:
                    key = f"net.ipv{member.instance.family}.ip_nonlocal_bind"
                    bound = member.node.sysctl.value(key).value == "1"
                    if bound or member.node.interfaces.has(source) is not False:  # else KA134 says that
                        yield self._report(router, first, member, source, key if bound else "")

    def _report(self, router: VirtualRouter, first: Member, member: Member, source: str, bound_by: str) -> Finding:
        """bound_by: the key that lets the node send from any address, or ""."""
        here, there = member.node.name, first.node.name
        if bound_by:
            effect = f"{here} and {there} will both hold {router.name}, without a word in the log"
            cause = f"both send from {source}, which {bound_by} allows"
        else:
            effect = f"{here} stays in FAULT state, and will not take over {router.name} when {there} fails"
            cause = f"it sends from {source}, which is the address of {there}"
        return self.finding(
            f"{effect}: {cause}; write an address of {here} itself",
            member.node,
            member.instance.source.at,
            label=f"not of {here}",
            related=[Location(first.node, first.instance.source.at, f"{source} is {there}")],
        )


def _is_copy(member: Member, source: str) -> tuple[bool, bool]:
    """How sure it is that `source` is not the node's own: its interfaces have it not, it is among its own peers."""
    return member.node.interfaces.has(source) is False, source in member.instance.peers
