"""The election step by step, with the numbers and the lines of the files that they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.failover import reasons
from halint.failover.effects import CUT_OFF, DEAD, DEAF, FAULT, MUTE, OFF
from halint.failover.election import bits, mask_of
from halint.finding import Location
from halint.models.keepalived.vrrp import OWNER_PRIORITY

if TYPE_CHECKING:
    from halint.failover.effects import Result
    from halint.failover.election import States
    from halint.failover.facts import Candidate, Contest
    from halint.failover.scenarios import Analysis, Instance, Scenario

_HAPPENS = (
    (OFF, "its keepalived does not run"),
    (FAULT, "its link is down: FAULT state"),
    (DEAF, "it hears no adverts"),
    (MUTE, "nobody hears its adverts"),
    (CUT_OFF, "nobody reaches it"),
    (DEAD, "its haproxy is dead"),
)


class Step:
    """One step: a sentence, and the lines that it comes from. depth: how far it is indented."""

    __slots__ = ("depth", "places", "text")

    def __init__(self, text: str, places: list[Location] | None = None, depth: int = 1) -> None:
        self.text = text
        self.places = places or []
        self.depth = depth


def steps(analysis: Analysis, scenario: Scenario) -> list[Step]:
    """How it comes to what `scenario` says, for each virtual router."""
    found: list[Step] = []
    told = scenario.reasons()
    verdicts = scenario.verdicts
    for course, result in zip(analysis.courses, scenario.results, strict=True):
        for instance in analysis.instances:
            if instance.contest is not course.contest:
                continue
            found.append(Step(f"{instance.name}: {', '.join(instance.vips)}", depth=0))
            found += _before(course.contest, instance)
            start = _in_words(course.contest, course.initial.states, instance)
            found.append(Step(f"at the start it is held by {start}"))
            if scenario.events:
                found.append(Step(f"then {scenario.name}:"))
                found += _happens(course.contest, instance, result)
            for vip in instance.vips:
                outcomes = [o[vip] for o in result.grades.outcomes]
                held = " or ".join(dict.fromkeys(" and ".join(nodes) or "nobody" for nodes in outcomes))
                found.append(Step(f"{vip} is held by {held}: {verdicts[vip]}; {told[vip]}"))
    return found


def _in_words(contest: Contest, states: States, instance: Instance) -> str:
    """Who is master of a virtual router in each of `states`."""
    mine = mask_of(candidate.number for candidate in instance.candidates)
    held = dict.fromkeys(contest.names(state & mine) for state in sorted(states))
    return " or ".join(" and ".join(names) or "nobody" for names in held)


def _before(contest: Contest, instance: Instance) -> Iterator[Step]:
    """What the candidates bring, and who does not hear whom."""
    for candidate in instance.candidates:
        node, settings = candidate.node, candidate.instance
        yield Step(
            f"{node.name} has priority {reasons.priority_sum(candidate, 0)}",
            [Location(node, settings.priority.at, "priority"), *_weights(candidate, 0)],
        )
        if settings.nopreempt.value:
            yield Step(
                f"{node.name} takes over from nobody who is alive: nopreempt",
                [Location(node, settings.nopreempt.at)],
                2,
            )
        if candidate.down:
            yield Step(candidate.down, [Location(node, settings.head)], 2)
        for tracked in settings.tracked:
            why = reasons.ignores(candidate, tracked)
            if why:
                yield Step(f"keepalived ignores {tracked.name}, since {why}", [Location(node, tracked.word)], 2)
    for listener in instance.candidates:
        for speaker in instance.candidates:
            if listener is not speaker and not contest.ballot.hears[listener.number] >> speaker.number & 1:
                why_not = contest.deafness(listener.number, speaker.number)
                if why_not is not None:
                    yield Step(
                        f"{listener.node.name} does not hear {speaker.node.name}: {why_not.reason}", why_not.places
                    )


def _weights(candidate: Candidate, failing: int) -> Iterator[Location]:
    """The lines of the weights that count."""
    failed = candidate.failing(failing)
    for check in (watch.tracked for watch in candidate.watches):
        added = check.adds(failing=check in failed)
        if added and candidate.instance.priority.value != OWNER_PRIORITY:
            yield Location(candidate.node, check.weight_word or check.word, f"{check.name} {added:+}")


def _happens(contest: Contest, instance: Instance, result: Result) -> Iterator[Step]:
    """What the event does to each candidate."""
    untouched = True
    for candidate in instance.candidates:
        for flag, text in _HAPPENS:
            if result.struck(flag) >> candidate.number & 1:
                untouched = False
                yield Step(f"{candidate.node.name}: {text}", [], 2)
        failing = result.failing(candidate.number)
        if not failing:
            continue
        untouched = False
        failed = candidate.failing(failing)
        fault, _ = candidate.state(failing)
        for check in failed:
            effect = f"its weight of {check.weight:+} counts" if check.weight else "it has no weight: FAULT state"
            if check.reverse:
                effect += ", reversed"
            place = Location(candidate.node, check.weight_word or check.word)
            yield Step(f"{candidate.node.name}: {check.name} fails, {effect}", [place], 2)
        if not fault:
            yield Step(
                f"{candidate.node.name} now has priority {reasons.priority_sum(candidate, failing)}",
                list(_weights(candidate, failing)),
                2,
            )
    for number in bits(result.change.out):
        candidate = contest.candidates[number]
        if (
            candidate in instance.candidates
            and not result.failing(number)
            and not result.struck(OFF | FAULT) >> number & 1
        ):
            yield Step(f"{candidate.node.name} takes no part", [], 2)
    if untouched:
        yield Step("nothing changes for it", [], 2)
