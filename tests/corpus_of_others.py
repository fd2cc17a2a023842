"""Where the public configurations stand that the tests read but the project does not hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("HALINT_SHARED", Path(__file__).parents[2] / "shared"))
CORPUS = SHARED / "corpus"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"no corpus of public configurations at {CORPUS}; HALINT_SHARED names its parent"
)
