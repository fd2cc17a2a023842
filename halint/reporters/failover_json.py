"""The fail-over analysis as data. `schema` is 1; keys are added to it, and none is changed or taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from halint.failover.events import Event
from halint.failover.scenarios import Analysis, Instance, Scenario
from halint.reporters.json import encoded

if TYPE_CHECKING:
    from halint.secrets import Masking


def write(analyses: Sequence[Analysis], masking: Masking) -> str:
    clusters = [
        {
            "name": analysis.cluster.name,
            "instances": [_instance(instance) for instance in analysis.instances],
            "start": _outcome(analysis.initial),
            "scenarios": [_scenario(scenario) for scenario in analysis.scenarios[1:]],
            "assumptions": analysis.assumptions,
            "not_analysed": analysis.left_out,
        }
        for analysis in analyses
    ]
    assumptions = list(dict.fromkeys(line for analysis in analyses for line in analysis.assumptions))
    return encoded({"schema": 1, "assumptions": assumptions, "clusters": clusters})


def _instance(instance: Instance) -> dict[str, object]:
    return {"name": instance.name, "vips": instance.vips, "initial": list(instance.initial)}


def _scenario(scenario: Scenario) -> dict[str, object]:
    events = [_event(event) for event in scenario.events]
    return {"event": events[0], "events": events} | _outcome(scenario)


def _outcome(scenario: Scenario) -> dict[str, object]:
    outcomes = [{vip: list(nodes) for vip, nodes in outcome.items()} for outcome in scenario.outcomes]
    found: dict[str, object] = {"holders": outcomes[0]} if len(outcomes) == 1 else {}
    return found | {
        "outcomes": outcomes,
        "verdict": scenario.verdict,
        "verdicts": scenario.verdicts,
        "reason": scenario.reason,
    }


def _event(event: Event) -> dict[str, str | None]:
    return {"kind": event.kind, "node": event.node, "check": event.check, "direction": event.direction}
