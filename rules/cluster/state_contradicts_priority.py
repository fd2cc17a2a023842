"""KA210; its page is state_contradicts_priority.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import agreement, edits
from halint.cluster import Cluster
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity
from halint.rule import Rule


class StateContradictsPriority(Rule):
    """The node that says `state MASTER` has a lower priority than one that does not."""

    code = "KA210"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            ranked = [member for member in router.ranked if member.instance.complete]
            masters = [member for member in ranked if member.instance.state.value == "MASTER"]
            if not masters or masters[0] is ranked[0]:
                continue
            leader, called = ranked[0], masters[0]
            state, others = called.instance.state, leader.instance.state
            if state.word is None:
                continue
            swapped: list[Edit | Create] = [edits.replace(state.word, "BACKUP")]
            if others.word is not None:
                swapped.append(edits.replace(others.word, "MASTER"))
            editable = agreement.literal(state.word) and (others.word is None or agreement.literal(others.word))
            yield self.finding(
                f"{leader.node.name} will hold {router.name}, though {called.node.name} says state MASTER: priority "
                f"decides, and it is {leader.priority} on {leader.node.name} and {called.priority} on "
                f"{called.node.name}; swap the states, or the priorities",
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
                fix=Fix("swap the states", swapped, Applicability.UNSAFE) if editable else None,
            )
