"""KA401; its page is failing_check_does_not_move_vip.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.failover import questions
from halint.failover.facts import Candidate
from halint.failover.questions import Race
from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models import check_script
from halint.models.check_script import Check
from halint.models.keepalived.tracking import Tracked
from halint.models.keepalived.vrrp import VrrpInstance
from halint.rule import Rule

Checked = tuple[Tracked, Check]


class FailingCheckDoesNotMoveVip(Rule):
    """A check with a weight fails, and the node that leads keeps the address."""

    code = "KA401"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for race in questions.races(cluster):
            for holder in race.holders:
                yield from self.check_holder(race, holder)

    def check_holder(self, race: Race, holder: Candidate) -> Iterator[Finding]:
        instance = holder.instance
        checks = [(tracked, check_script.read(holder.node, tracked)) for tracked in instance.tracked]
        weighted = [tracked for tracked in instance.checks if tracked.weight]
        reported: set[str] = set()
        for tracked, check in checks:
            subject = check.target or tracked.name
            if check.stops_keepalived or subject in reported or not _stays_up(instance, tracked):
                continue
            together = [t for t, c in checks if t.name == tracked.name or (c.target and c.target == check.target)]
            fate = race.when(holder, together)
            if fate.moves or fate.held_back:  # held back: KA402
                continue
            if check.target != "haproxy" and race.when(holder, weighted).moves:
                continue  # such checks are there to add up: no one of them is meant to move the address
            reported.add(subject)
            doubtful = [t for t, c in checks if t not in together and c.target is None]
            if not race.when(holder, together + doubtful).moves:
                doubtful = []
            yield self.stays(race, holder, (tracked, check), together, doubtful)

    def stays(
        self, race: Race, holder: Candidate, checked: Checked, together: list[Tracked], doubtful: list[Tracked]
    ) -> Finding:
        """The finding that `holder` keeps the address when the checks `together` fail, if not `doubtful` ones too."""
        tracked, check = checked
        fate = race.when(holder, together)
        name, best, ignored = holder.node.name, fate.best, holder.instance.ignores(tracked)
        failing = list(dict.fromkeys(t.name for t in together))
        message = (
            f"{race.router.name} stays on {name} when {' and '.join(failing)} fail{'s' if len(failing) == 1 else ''}: "
        )
        weight = None if ignored else race.sufficient_weight(holder, tracked)
        related = []
        if ignored:
            message += f"keepalived ignores the check, since {ignored}"
        else:
            lead = questions.healthy(best)
            message += f"{name} then has priority {fate.priority}, not below the {lead} of {best.node.name}"
            related = [Location(best.node, best.instance.priority.at, f"{lead} on {best.node.name}")]
        if weight is not None:
            message += f"; give the check a weight of {weight}"
        excuses = ["the script stops keepalived itself"] if check.stops_keepalived is None else []
        excuses += [f"{t.name} fails too" for t in doubtful]
        if excuses:
            message += f", unless {' or '.join(excuses)}"
        return self.finding(
            message,
            holder.node,
            tracked.word if ignored or tracked.weight_word is None else tracked.weight_word,
            label=ignored or f"{tracked.weight:+}",
            related=related,
            fix=None if weight is None else _fix(race, tracked, weight),
            severity=Severity.WARNING if excuses else Severity.ERROR,
        )


def _stays_up(instance: VrrpInstance, tracked: Tracked) -> bool:
    """Whether the instance goes on when the check fails: it has a weight, or keepalived ignores it."""
    if tracked.tracker is None or tracked.kind == "file" or instance.discounts(tracked):
        return False  # discounted: KA107 and KA417
    return bool(tracked.weight or instance.ignores(tracked))


def _fix(race: Race, tracked: Tracked, weight: int) -> Fix | None:
    """Write `weight` wherever the check has the weight that it has on the holder."""
    words = {
        (word.source, word.start): word
        for candidate in race.candidates
        for same in questions.same_checks(candidate.instance, tracked)
        if (word := same.weight_word) is not None
    }
    if any(word.raw != word.text for word in words.values()):
        return None  # written by way of a definition
    changes: list[Edit] = [edits.replace(word, str(weight)) for word in words.values()]
    return Fix(f"give {tracked.name} a weight of {weight}", [*changes], Applicability.UNSAFE)
