"""KA210; its page is state_contradicts_priority.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.failover import hearing, questions
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.rule import Rule


class StateContradictsPriority(Rule):
    """The node that says `state MASTER` has a lower priority than one that does not."""

    code = "KA210"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        by_chance = {holder.member for race in questions.races(cluster) for holder in race.holders}
        for router in cluster.virtual_routers:
            ranked = [member for member in router.ranked if member.instance.complete]
            masters = [member for member in ranked if member.instance.state.value == "MASTER"]
            if not masters or masters[0] is ranked[0]:
                continue
            leader, called = ranked[0], masters[0]
            state, others = called.instance.state, leader.instance.state
            if state.word is None or not hearing.agree(leader, called):
                continue
            chance = called in by_chance
            swapped: list[Edit | Create] = [edits.replace(state.word, "BACKUP")]
            if others.word is not None:
                swapped.append(edits.replace(others.word, "MASTER"))
            editable = agreement.literal(state.word) and (others.word is None or agreement.literal(others.word))
            yield self.finding(
                _by_chance(router, leader, called) if chance else _by_priority(router, leader, called),
                called.node,
                state.word,
                label=f"priority {called.priority} on {called.node.name}",
                related=[
                    Location(
                        leader.node,
                        leader.instance.priority.at,
                        f"priority {leader.priority} on {leader.node.name}",
                    )
                ],
                fix=Fix("swap the states", swapped, Applicability.UNSAFE) if editable and not chance else None,
            )


def _by_priority(router: VirtualRouter, leader: Member, called: Member) -> str:
    first, second = leader.node.name, called.node.name
    return (
        f"{first} will hold {router.name}, though {second} says state MASTER: priority decides, and it is "
        f"{leader.priority} on {first} and {called.priority} on {second}; swap the states, or the priorities"
    )


def _by_chance(router: VirtualRouter, leader: Member, called: Member) -> str:
    """Where who has the higher priority has nopreempt, and so takes the addresses from nobody."""
    first, second = leader.node.name, called.node.name
    return (
        f"chance will decide whether {second} or {first} holds {router.name}: {second} says state MASTER, {first} has "
        f"the higher priority, {leader.priority} to {called.priority}, but nopreempt, and who starts first keeps it; "
        f"swap the priorities"
    )
