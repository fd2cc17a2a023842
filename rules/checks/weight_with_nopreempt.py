"""KA402; its page is weight_with_nopreempt.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import edits, election, health
from halint.cluster import Cluster
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.models.check_script import Check
from halint.models.vrrp import Tracked
from halint.rule import Rule
from halint.virtual_router import Member, VirtualRouter


class WeightWithNopreempt(Rule):
    """A check only lowers the priority of the node that leads, and those who could take over have nopreempt."""

    code = "KA402"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            if election.predictable(router):
                for holder in election.holders(router):
                    yield from self.check_holder(router, holder)

    def check_holder(self, router: VirtualRouter, holder: Member) -> Iterator[Finding]:
        checks = health.checks(holder.node, holder.instance)
        for tracked, check in checks:
            if not tracked.weight or tracked.kind not in ("script", "process") or check.stops_keepalived:
                continue
            together = [t for t, c in checks if t is tracked or (c.target and c.target == check.target)]
            if any(not t.weight for t in together):
                continue  # FAULT state: everybody may take over
            waiting = _waiting(router, holder, together)
            if waiting:
                yield self.stays(router, holder, tracked, check, waiting)

    def stays(
        self, router: VirtualRouter, holder: Member, tracked: Tracked, check: Check, waiting: list[Member]
    ) -> Finding:
        """The finding that the members `waiting` do not take over from `holder`."""
        names = " and ".join(member.node.name for member in waiting)
        message = (
            f"{router.name} stays on {holder.node.name} when {tracked.name} fails: the weight only lowers its "
            f"priority, and with nopreempt {names} {'does' if len(waiting) == 1 else 'do'} not take over from a "
            f"lower one; remove nopreempt, or the weight"
        )
        if check.stops_keepalived is None:
            message += ", unless the script stops keepalived itself"
        written = [(member, member.instance.nopreempt) for member in waiting]
        return self.finding(
            message,
            holder.node,
            tracked.weight_word or tracked.word,
            label=f"{tracked.weight:+}",
            related=[Location(member.node, nopreempt.at, f"on {member.node.name}") for member, nopreempt in written],
            fix=Fix(
                f"remove nopreempt on {names}",
                [edits.remove(nopreempt.statement) for _, nopreempt in written if nopreempt.statement],
                Applicability.UNSAFE,
            ),
            severity=Severity.WARNING if check.stops_keepalived is None else Severity.ERROR,
        )


def _waiting(router: VirtualRouter, holder: Member, failing: list[Tracked]) -> list[Member]:
    """The members that nopreempt keeps from taking over: those with a higher priority than is left to the holder,
    or, whatever the priorities, all others."""
    others = [member for member in router.members if member is not holder]
    if all(member.instance.nopreempt.value for member in others):
        return others
    return election.outcome(router, holder, failing).held_back
