"""KA419; its page is dont_track_primary.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import failover
from halint.cluster import Cluster
from halint.failover.events import LINK_DOWN
from halint.failover.verdicts import SPLIT_BRAIN
from halint.finding import Finding, Severity
from halint.rule import Rule


class DontTrackPrimary(Rule):
    """A node goes on holding the addresses when the link of its adverts is down."""

    code = "KA419"
    severity = Severity.INFO
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        if not any(i.dont_track_primary.value for node in cluster.nodes for i in node.instances):
            return
        analysis = failover.analyse(cluster)
        for instance in analysis.instances:
            for candidate in instance.candidates:
                setting, interface = candidate.instance.dont_track_primary, candidate.instance.interface.value
                name, vips = candidate.node.name, instance.vips
                scenario = next(
                    (
                        one
                        for one in analysis.singles
                        if one.events[0].kind == LINK_DOWN
                        and one.events[0].node == name
                        and one.events[0].check in (None, interface)
                    ),
                    None,
                )
                if not setting.value or scenario is None:
                    continue
                split = any(scenario.verdicts[vip] == SPLIT_BRAIN for vip in vips)
                holders = {node for outcome in scenario.outcomes for vip in vips for node in outcome[vip]}
                if name not in holders:
                    continue
                others = " and ".join(node for node in sorted(holders) if node != name)
                effect = (
                    f"{name} and {others} will both hold {instance.router.name} when the link of {interface} is down"
                    if split
                    else f"{name} goes on holding {instance.router.name} when the link of {interface} is down, where "
                    "nobody reaches it"
                )
                yield self.finding(
                    f"{effect}: with dont_track_primary it does not go to FAULT state; remove the line",
                    candidate.node,
                    setting.at,
                    severity=Severity.WARNING if split else None,
                )
