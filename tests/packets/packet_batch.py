"""Random rule sets through the model and the kernel.  Usage: python packet_batch.py [NUMBER [SEED [KIND]]]

As root. Prints, for each kind, how many packets were asked about, how many answers are unknown, every contradiction
and every rule set that the program refuses. A KIND of firewalld 2.3.1 needs PYTHONPATH to lead to its modules.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from packet_verdicts import Kernel, judge
from rule_sets import CASES, NEWER

Drawn = TypeVar("Drawn")


def drawn(strategy: st.SearchStrategy[Drawn], number: int, chosen: int) -> list[Drawn]:
    """As many cases, always the same for a seed."""
    found: list[Drawn] = []

    @seed(chosen)
    @settings(
        max_examples=number, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def draw(case: Drawn) -> None:
        found.append(case)

    draw()
    return found


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    kernel = Kernel()
    wrong = 0
    for kind in sys.argv[3:] or CASES:
        strategy = (CASES | NEWER)[kind]
        counts: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for case in drawn(strategy, number, chosen):
            judged = judge(case, kernel.ask(case))
            counts.update(rule_sets=1, packets=judged.asked, unknown=judged.unknown, refused=bool(judged.error))
            counts["contradictions"] += len(judged.contradictions)
            reasons.update(r for r, o in zip(judged.reasons, judged.ours, strict=True) if o is None)
            if judged.error or judged.contradictions:
                print(judged, flush=True)
        wrong += counts["contradictions"] + counts["refused"]
        share = 100 * counts["unknown"] / max(counts["packets"], 1)
        print(
            f"{kind}: {counts['rule_sets']} rule sets, {counts['packets']} packets, {share:.1f} % unknown, "
            f"{counts['contradictions']} contradictions, {counts['refused']} refused; {reasons.most_common(3)}"
        )
    kernel.close()
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
