"""KA222; its page is multicast_in_cloud_or_restricted_switch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models import cloud
from halint.models.cloud import Cloud
from halint.rule import Rule


class MulticastInCloudOrRestrictedSwitch(Rule):
    """Adverts are multicast, and the nodes run in a cloud whose network carries none."""

    code = "KA222"
    severity = Severity.WARNING
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            members = router.known
            if len(members) > 1 and not any(member.instance.unicast for member in members):
                found = ((member, cloud.of(member.node)) for member in router.ranked)
                for member, where in [(member, where) for member, where in found if where is not None][:1]:
                    yield self._report(router, member, where)

    def _report(self, router: VirtualRouter, member: Member, where: Cloud) -> Finding:
        names = " and ".join(one.node.name for one in router.known)
        made = _to_unicast(router)
        return self.finding(
            f"{names} will all hold {router.name}: their adverts are multicast, which the network of {where.name} does "
            f"not carry, where {member.node.name} seems to run; give each a unicast_peer",
            member.node,
            member.instance.head,
            related=[Location(member.node, where.at, f"a name of {where.name}")],
            fix=None if made is None else Fix("send the adverts to the other nodes", made, Applicability.UNSAFE),
        )


def _to_unicast(router: VirtualRouter) -> Edits | None:
    made: Edits = []
    for member in router.members:
        block = member.instance.statement
        others = [other.source for other in router.members if other is not member]
        if None in others or not agreement.literal(block.words[0]):
            return None
        made.append(edits.into(block, "unicast_peer {", *(f"    {other}" for other in others), "}"))
    return made
