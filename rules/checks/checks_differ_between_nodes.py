"""KA420; its page is checks_differ_between_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import agreement, health
from halint.agreement import Value
from halint.cluster import Cluster
from halint.failover import questions
from halint.failover.facts import Candidate, Watch
from halint.failover.questions import Race
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.rule import Rule


class ChecksDifferBetweenNodes(Rule):
    """One node tracks a check that another does not, or with another weight."""

    code = "KA420"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for race in questions.races(cluster):
            seen: set[str] = set()
            for candidate in race.live:
                for watch in candidate.watches:
                    subject = _subject(watch)
                    if watch.tracked.kind == "interface" or subject in seen:
                        continue
                    seen.add(subject)
                    yield from self._missing(race, candidate, watch)
                    yield from self._weights(race, candidate, watch)

    def _missing(self, race: Race, candidate: Candidate, watch: Watch) -> Iterator[Finding]:
        """The nodes that do not look at it."""
        for other in race.live:
            if _same(other, watch) or _may_look(other, watch):
                continue
            name, here, there = watch.tracked.name, candidate.node.name, other.node.name
            yield self.finding(
                f"what {name} looks at on {here} is not looked at on {there}: when it fails there, {race.router.name} "
                "stays; track it on both",
                other.node,
                other.instance.head,
                label=f"does not track {name}",
                related=[Location(candidate.node, watch.tracked.word, f"tracked on {here}")],
                fix=_track(other, watch),
            )

    def _weights(self, race: Race, candidate: Candidate, watch: Watch) -> Iterator[Finding]:
        """The nodes on which it counts in another way."""
        values = [
            Value(other.member, _way(found), found.tracked.weight_word or found.tracked.word, found.tracked.weight_word)
            for other in race.live
            if (found := _same(other, watch))
        ]
        for odd in agreement.dissent(values):
            yield self.finding(
                f"{watch.tracked.name} has {odd.text} on {odd.node.name} and {odd.right.text} on "
                f"{odd.right.node.name}: whether the same failure moves {race.router.name} depends on the "
                "node; give both the same",
                odd.node,
                odd.at,
                label=f"{odd.text} on {odd.node.name}",
                related=odd.related(),
                fix=agreement.fix(f"the weight of {watch.tracked.name}", values),
            )


def _subject(watch: Watch) -> str:
    return watch.check.target or watch.tracked.name


def _same(candidate: Candidate, watch: Watch) -> Watch | None:
    """The check of `candidate` that looks at the same, or has the same name."""
    found = [one for one in candidate.watches if one.tracked.kind != "interface"]
    named = [one for one in found if one.tracked.name == watch.tracked.name]
    alike = [one for one in found if watch.check.target is not None and one.check.target == watch.check.target]
    return next(iter(named + alike), None)


def _may_look(candidate: Candidate, watch: Watch) -> bool:
    """Whether another check of `candidate` may look at the same, or another rule says that none does."""
    node, instance = candidate.node, candidate.instance
    others = [one for one in instance.tracked if one.kind != "interface"]
    if any(one.tracker is None or instance.ignores(one) for one in others):  # KA405, KA107, KA417
        return True
    if len(candidate.watches) < len(instance.checks) or health.unwatched(node, instance) is not None:  # KA407, KA403
        return True
    if node.keepalived is None or health.untracked(node.keepalived):  # KA404
        return True
    return watch.check.target is None and any(one.check.target is None for one in candidate.watches)


def _way(watch: Watch) -> str:
    weight = watch.tracked.weight
    return (f"a weight of {weight:+}" if weight else "no weight") + (", reversed" if watch.tracked.reverse else "")


def _track(candidate: Candidate, watch: Watch) -> Fix | None:
    """Track it where the node defines it already, before the instance."""
    model, name = candidate.node.keepalived, watch.tracked.name
    keyword = f"track_{watch.tracked.kind}"
    tracker = model.trackers.get((keyword, name)) if model is not None else None
    if model is None or tracker is None or not health.defined_before(model, tracker, [candidate.instance]):
        return None
    words = [word.text for word in watch.tracked.statement.words]
    edit = health.track(candidate.instance, keyword, " ".join(words))
    return Fix(f"track {name} on {candidate.node.name}", [edit], Applicability.UNSAFE)
