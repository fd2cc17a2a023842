"""What halint says of 58 public clusters is checked in: a change of a rule shows as a change of this summary.

docs/corpus-review.md has a verdict on each of these findings.
"""

from __future__ import annotations

import sys
from pathlib import Path

from corpus_of_others import CORPUS, needs_corpus

HOME = Path(__file__).parents[1]


@needs_corpus
def test_the_findings_are_those_that_were_reviewed() -> None:
    sys.path.insert(0, str(HOME / "scripts"))
    import summarize_corpus

    assert summarize_corpus.text(CORPUS) == (HOME / "tests" / "corpus_summary.txt").read_text(encoding="utf-8")
