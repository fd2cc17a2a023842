"""Will it fail over? Who holds the virtual addresses of a cluster after every failure, and does anything serve them?

    cluster -> facts -> events -> effects -> election -> scenarios -> reasons, explanation

The facts alone read the models; the election knows numbers only. docs/failover.md says what the model knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.failover.events import Event
    from halint.failover.scenarios import Analysis, Scenario

__all__ = ["Analysis", "Event", "Scenario", "analyse"]


def analyse(cluster: Cluster, pairs: bool = False) -> Analysis:
    """What becomes of `cluster` in every single event, with `pairs` in every two. The same is analysed once."""
    from halint.failover import facts, scenarios

    found = facts.of(cluster)
    if pairs not in found.analyses:
        found.analyses[pairs] = scenarios.Analysis(found, pairs)
    return found.analyses[pairs]


def __getattr__(name: str) -> Any:
    """The classes, imported when they are asked for: a rule needs the facts alone."""
    if name not in __all__:
        raise AttributeError(name)
    from halint.failover import events, scenarios

    return getattr(events if name == "Event" else scenarios, name)
