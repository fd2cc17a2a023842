"""KA420; its page is checks_differ_between_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement, health
from halint.cluster.agreement import Value
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
            looking = [_Looking(candidate) for candidate in race.live]
            seen: set[str] = set()
            for one in looking:
                for watch in one.watches:
                    subject = watch.check.target or watch.tracked.name
                    if subject not in seen:
                        seen.add(subject)
                        yield from self._missing(race, one, watch, looking)
                        yield from self._weights(race, watch, looking)

    def _missing(self, race: Race, one: _Looking, watch: Watch, looking: list[_Looking]) -> Iterator[Finding]:
        """The nodes that do not look at it."""
        for other in looking:
            if other.same(watch) or other.excused or (watch.check.target is None and other.looks_somewhere):
                continue
            name, here, there = watch.tracked.name, one.candidate.node.name, other.candidate.node.name
            yield self.finding(
                f"what {name} looks at on {here} is not looked at on {there}: when it fails there, {race.router.name} "
                "stays; track it on both",
                other.candidate.node,
                other.candidate.instance.head,
                label=f"does not track {name}",
                related=[Location(one.candidate.node, watch.tracked.word, f"tracked on {here}")],
                fix=_track(other.candidate, watch),
            )

    def _weights(self, race: Race, watch: Watch, looking: list[_Looking]) -> Iterator[Finding]:
        """The nodes on which it counts in another way."""
        values = [
            Value(
                other.candidate.member,
                _way(found),
                found.tracked.weight_word or found.tracked.word,
                found.tracked.weight_word,
            )
            for other in looking
            if (found := other.same(watch))
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


class _Looking:
    """What one candidate looks at; interfaces, which have names of their own on each node, left out.

    excused: whether another rule says that the node does not look at something. looks_somewhere: whether it is not
    known what some check looks at.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.watches = [watch for watch in candidate.watches if watch.tracked.kind != "interface"]
        self.excused = _is_excused(candidate)
        self.looks_somewhere = any(watch.check.target is None for watch in candidate.watches)
        self._by_name = {watch.tracked.name: watch for watch in self.watches[::-1]}
        self._by_target = {watch.check.target: watch for watch in self.watches[::-1] if watch.check.target}

    def same(self, watch: Watch) -> Watch | None:
        """The check that has the same name, or looks at the same."""
        return self._by_name.get(watch.tracked.name) or self._by_target.get(watch.check.target or "")


def _is_excused(candidate: Candidate) -> bool:
    node, instance = candidate.node, candidate.instance
    others = [one for one in instance.tracked if one.kind != "interface"]
    if any(one.tracker is None or instance.ignores(one) for one in others):  # KA405, KA107, KA417
        return True
    if len(candidate.watches) < len(instance.checks) or health.unwatched(node, instance) is not None:  # KA407, KA403
        return True
    return node.keepalived is None or bool(health.untracked(node.keepalived))  # KA404


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
