"""The fail-over model against real daemons, on clusters that were drawn once and kept: see batch.py for new ones."""

from __future__ import annotations

from functools import cache

import pytest
from agreement import claims, disagreements, examine
from cluster import Holders
from regression import Kept, kept

KEPT = {case.name: case for case in kept()}
#: At least this share of the cases has one outcome throughout.
CERTAIN = 0.9


@cache
def claimed(name: str) -> dict[str, list[Holders]]:
    return claims(KEPT[name].files)


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_model_knows_what_was_seen(case: Kept) -> None:
    assert [(d.event, d.outcomes, d.observed) for d in disagreements(claimed(case.name), case.seen)] == []


def test_model_is_certain() -> None:
    steps = {name: {step for one in case.seen for step in one.holders} for name, case in KEPT.items()}
    certain = [name for name in KEPT if all(len(claimed(name)[step]) == 1 for step in steps[name])]
    assert len(KEPT) >= 60
    assert len(certain) >= CERTAIN * len(KEPT)


@pytest.mark.lab
@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_daemons_do_what_the_model_says(case: Kept) -> None:
    found = examine(case.drawn)
    assert not [f"{d.event}: {d.outcomes}, seen {d.observed}\n{d.told}" for d in found.disagreements]
    assert not found.unshown, "of several outcomes only one is ever seen"
