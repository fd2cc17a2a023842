"""KA223; its page is garp_refresh_absent.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.gratuitous_arp import GratuitousArp
from halint.rule import Rule

SECONDS = 60


class GarpRefreshAbsent(Rule):
    """After both nodes held an address, nothing tells the neighbours which of them kept it."""

    code = "KA223"
    severity = Severity.INFO
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        said: set[object] = set()
        for router in cluster.virtual_routers:
            leader = router.ranked[0]
            model = leader.node.keepalived
            if model is None or len(router.known) < 2 or leader.instance.use_vmac.value:
                continue
            sent = GratuitousArp(model, leader.instance)
            place = sent.lower.at.source, sent.lower.at.start
            if not sent.lower.value and not sent.refresh.value and place not in said:
                said.add(place)
                yield self._report(router, leader, sent)

    def _report(self, router: VirtualRouter, leader: Member, sent: GratuitousArp) -> Finding:
        name, statement = leader.node.name, sent.lower.statement
        keyword = statement.keyword if statement else "strict mode"
        block = leader.instance.statement
        fix = None
        if agreement.literal(block.words[0]):
            line = f"garp_master_refresh {SECONDS}"
            fix = Fix(f"send it every {SECONDS} seconds", [edits.into(block, line)], Applicability.UNSAFE)
        return self.finding(
            f"once {name} and its peers did not hear each other for a while, neighbours will send packets for "
            f"{router.name} to a node that has given it up, until their ARP entries expire: with {keyword}, {name} "
            "sends no gratuitous ARP when it hears the other again; set garp_master_refresh",
            leader.node,
            sent.lower.at,
            label="no gratuitous ARP",
            fix=fix,
        )
