"""Random clusters, fixed and held against the kernel.

Usage: python tests/packets/fix_batch.py [NUMBER [SEED [KIND...]]]

As root. Prints, for each kind, how many packets that a cluster needs were refused, how many of them come through after
`halint fix`, and everything that a fix has done wrong.
"""

from __future__ import annotations

import sys
from collections import Counter

from fix_cases import CLUSTERS, heal
from packet_batch import drawn
from packet_verdicts import Kernel


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    kernel = Kernel()
    wrong = 0
    for kind, strategy in CLUSTERS.items():
        if kind not in (sys.argv[3:] or CLUSTERS):
            continue
        counts: Counter[str] = Counter()
        for cluster in drawn(strategy, number, chosen):
            healed = heal(kernel, cluster)
            counts += healed.counts
            counts.update(clusters=1, fixes=len(healed.titles), faults=len(healed.faults))
            if healed.faults:
                print(healed, flush=True)
        wrong += counts["faults"]
        print(kind, dict(counts), flush=True)
    kernel.close()
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
