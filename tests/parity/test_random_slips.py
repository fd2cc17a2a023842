"""As test_parity.test_mutations, with other mutations each time; HALINT_SEED repeats a run."""

from __future__ import annotations

import os
import random

import pytest
from panel import NAMES, mutated
from test_parity import MUTATIONS, check

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("name", NAMES)
def test_random_mutations(name: str) -> None:
    seed = int(os.environ.get("HALINT_SEED", random.randrange(1 << 32)))
    print(f"HALINT_SEED={seed}")
    check(name, "mutations", mutated(name, MUTATIONS[name.partition("-")[0]], seed))
