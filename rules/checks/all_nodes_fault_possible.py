"""KA413; its page is all_nodes_fault_possible.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.address import is_loopback
from halint.cluster import Cluster
from halint.failover import questions
from halint.failover.facts import Candidate, Watch
from halint.failover.questions import Race
from halint.finding import Finding, Location, Severity
from halint.models import check_faults
from halint.models.keepalived.tracking import VrrpScript
from halint.rule import Rule


class AllNodesFaultPossible(Rule):
    """A check without weight asks the same machine from every node: when that is gone, nobody holds the addresses."""

    code = "KA413"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for race in questions.races(cluster):
            first, *others = (_asked(race, candidate) for candidate in race.live)
            reported: set[Watch] = set()
            for address, watch in first.items():
                same = [found[address] for found in others if address in found]
                if len(same) < len(others) or watch in reported:
                    continue
                failing = list(zip(race.live, [watch, *same], strict=True))
                if race.nobody_left(failing):
                    reported.add(watch)
                    yield self._report(race, watch, address, failing)

    def _report(self, race: Race, watch: Watch, address: str, failing: list[tuple[Candidate, Watch]]) -> Finding:
        return self.finding(
            f"nobody will hold {race.router.name} when {address} does not answer: the check {watch.tracked.name} asks "
            "it from every node and has no weight, so all go to FAULT state; give it a weight",
            failing[0][0].node,
            watch.tracked.word,
            related=[Location(one.node, w.tracked.word, f"on {one.node.name}") for one, w in failing[1:]],
        )


def _asked(race: Race, candidate: Candidate) -> dict[str, Watch]:
    """The addresses that are the same machine for all nodes, with the check without weight that asks each; a virtual
    address is none."""
    found: dict[str, Watch] = {}
    for watch in candidate.watches:
        script = watch.tracked.tracker
        if not watch.tracked.weight and isinstance(script, VrrpScript):
            for address in sorted(check_faults.asked(candidate.node, script.command)):
                if not is_loopback(address) and address not in race.router.vips:
                    found.setdefault(address, watch)
    return found
