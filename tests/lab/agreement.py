"""The fail-over model's outcomes beside what the daemons of the same cluster did."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from pathlib import Path
from typing import NamedTuple

from cluster import Holders, LiveCluster
from draw import Drawn
from steady import NotSteadyError

from halint import cluster, failover
from halint.discovery import nodes as discovery
from halint.settings import Settings

#: Labs at a time: they mostly wait for adverts.
AT_A_TIME = 8
INITIAL = "initial"


class Observation(NamedTuple):
    """What was seen of one event. first: the node that started first, or "". holders: afterwards, by step: of
    `initial`, the event itself, and, where a node has to go down before it comes up, that. told: the daemons' logs."""

    event: str
    first: str
    holders: dict[str, Holders]
    told: str


class Disagreement(NamedTuple):
    event: str
    first: str
    outcomes: list[Holders]
    observed: Holders
    told: str


def lay_out(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def observe(files: dict[str, str], event: str, first: str = "") -> Observation:
    """What becomes of the addresses when `event` happens to a cluster that just started."""
    holders: dict[str, Holders] = {}
    with tempfile.TemporaryDirectory() as folder:
        lay_out(files, Path(folder))
        with LiveCluster(Path(folder)) as live:
            try:
                live.start(first or None)
                holders[INITIAL] = live.settle()
                for step in () if event == INITIAL else dict.fromkeys((event.replace("node-up", "node-down"), event)):
                    live.happen(step)
                    holders[step] = live.settle()
            except NotSteadyError as error:
                return Observation(event, first, holders, f"not steady: {error}\n{live.told()}")
            return Observation(event, first, holders, live.told())


def claims(files: dict[str, str]) -> dict[str, list[Holders]]:
    """The model's outcomes by event, `initial` among them. Nodes that do not look like one cluster are judged apart."""
    with tempfile.TemporaryDirectory() as folder:
        lay_out(files, Path(folder))
        nodes = discovery.find([folder], Settings()).nodes
        apart = [_claims(group) for group in cluster.group(nodes, Settings())]
    events = dict.fromkeys(event for one in apart for event in one)
    return {
        event: [_joined(each) for each in product(*(one.get(event, one[INITIAL]) for one in apart))] for event in events
    }


def _claims(group: cluster.Cluster) -> dict[str, list[Holders]]:
    return {
        "+".join(map(str, scenario.events)) or INITIAL: [
            {vip: tuple(on) for vip, on in outcome.items()} for outcome in scenario.outcomes
        ]
        for scenario in failover.analyse(group).scenarios
    }


def _joined(outcomes: tuple[Holders, ...]) -> Holders:
    vips = dict.fromkeys(vip for outcome in outcomes for vip in outcome)
    return {vip: tuple(name for outcome in outcomes for name in outcome.get(vip, ())) for vip in vips}


def disagreements(claimed: dict[str, list[Holders]], seen: Iterable[Observation]) -> Iterator[Disagreement]:
    """Observations that are none of the model's outcomes; of those that never came to rest, too. Events of which the
    model says nothing are passed over: it has no facts, or takes the event for another's (a check of haproxy)."""
    for one in seen:
        for step, holders in one.holders.items():
            if step in claimed and not _is_among(holders, claimed[step]):
                yield Disagreement(step, one.first, claimed[step], holders, one.told)
        if one.event not in one.holders:
            yield Disagreement(one.event, one.first, claimed.get(one.event, []), {}, one.told)


def _is_among(holders: Holders, outcomes: list[Holders]) -> bool:
    """By the addresses that the model knows."""
    return any(all(set(holders[vip]) == set(on) for vip, on in outcome.items()) for outcome in outcomes)


class Examined(NamedTuple):
    """A cluster by the model and on the daemons. seen: each event once. again: events of several outcomes, tried until
    two are seen. unshown: those of which only one ever was."""

    drawn: Drawn
    claimed: dict[str, list[Holders]]
    seen: list[Observation]
    again: list[Observation]
    unshown: list[str]

    @property
    def disagreements(self) -> list[Disagreement]:
        return list(disagreements(self.claimed, [*self.seen, *self.again]))


def examine(drawn: Drawn) -> Examined:
    """Run what was drawn; as long as both agree, several outcomes are looked for: each node first, or all together."""
    claimed = claims(drawn.files)
    found = Examined(drawn, claimed, [], [], [])
    names = sorted({path.partition("/")[0] for path in drawn.files})
    for event, drawn_first in zip(drawn.events, drawn.firsts, strict=True):
        found.seen.append(observe(drawn.files, event, drawn_first))
        if len(claimed.get(event, [])) < 2 or found.disagreements:
            continue
        for first in (*names, "", *reversed(names), ""):
            found.again.append(observe(drawn.files, event, first))
            if found.again[-1].holders.get(event) != found.seen[-1].holders[event]:
                break
        else:
            found.unshown.append(event)
    return found


def examine_all(drawn: list[Drawn]) -> Iterator[Examined]:
    """Several at a time, in the order in which they are done."""
    with ProcessPoolExecutor(AT_A_TIME) as pool:
        for done in as_completed([pool.submit(examine, one) for one in drawn]):
            yield done.result()
