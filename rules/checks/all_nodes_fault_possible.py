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
from halint.models.keepalived.tracking import Tracked, VrrpScript
from halint.rule import Rule


class AllNodesFaultPossible(Rule):
    """A check without weight asks the same machine from every node: when that is gone, nobody holds the addresses."""

    code = "KA413"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for race in questions.races(cluster):
            first, *others = race.live
            for watch in first.watches:
                for asked in sorted(_asked(race, first, watch)):
                    same = [_asks(race, other, asked) for other in others]
                    failing = [(first, watch.tracked)]
                    failing += [(one, w.tracked) for one, w in zip(others, same, strict=True) if w is not None]
                    if len(failing) == len(race.live) and race.nobody_left(failing):
                        yield self._report(race, watch, asked, failing)
                        break

    def _report(self, race: Race, watch: Watch, asked: str, failing: list[tuple[Candidate, Tracked]]) -> Finding:
        return self.finding(
            f"nobody will hold {race.router.name} when {asked} does not answer: the check {watch.tracked.name} asks it "
            "from every node and has no weight, so all go to FAULT state; give it a weight",
            failing[0][0].node,
            watch.tracked.word,
            related=[Location(one.node, tracked.word, f"on {one.node.name}") for one, tracked in failing[1:]],
        )


def _asks(race: Race, candidate: Candidate, address: str) -> Watch | None:
    """The check without weight by which `candidate` asks `address`."""
    return next((watch for watch in candidate.watches if address in _asked(race, candidate, watch)), None)


def _asked(race: Race, candidate: Candidate, watch: Watch) -> set[str]:
    """The addresses that are the same machine for all nodes, and that the check asks; a virtual address is none."""
    script = watch.tracked.tracker
    if watch.tracked.weight or not isinstance(script, VrrpScript):
        return set()
    found = check_faults.asked(candidate.node, script.command)
    return {one for one in found if not is_loopback(one) and one not in race.router.vips}
