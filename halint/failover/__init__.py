"""Will it fail over? Who holds the virtual addresses of a cluster after every failure, and does anything serve them?

    cluster -> facts -> events -> effects -> election -> scenarios -> reasons, explanation

The facts alone read the models; the election knows numbers only. docs/failover.md says what the model knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.failover import facts
from halint.failover.events import Event
from halint.failover.scenarios import Analysis, Scenario

if TYPE_CHECKING:
    from halint.cluster import Cluster

__all__ = ["Analysis", "Event", "Scenario", "analyse"]


def analyse(cluster: Cluster, pairs: bool = False) -> Analysis:
    """What becomes of `cluster` in every single event, with `pairs` in every two. The same cluster is analysed once."""
    known = cluster.analyses
    if pairs not in known:
        known[pairs] = Analysis(facts.read(cluster), pairs)
    return known[pairs]
