"""Draws clusters, lets things happen to them on real daemons, and compares with the fail-over model (root).

    python tests/lab/batch.py COUNT [--seed N] [--events N] [--keep PREFIX]

Prints every disagreement with the daemons' logs, and how far both agree. --keep writes the clusters that agree to
regression/PREFIX-NNN.toml.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from agreement import Disagreement, Examined, examine_all
from draw import Drawn, draw_clusters
from regression import keep


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=2, help="of each cluster, each happening to it afresh")
    parser.add_argument("--keep", metavar="PREFIX")
    options = parser.parse_args()
    started = time.monotonic()
    count: Counter[str] = Counter()
    drawn = [
        Drawn(one.files, one.events[: options.events], one.firsts[: options.events])
        for one in draw_clusters(options.count, options.seed)
    ]
    for found in examine_all(drawn):
        count["clusters"] += 1
        print(
            f"{count['clusters']} of {options.count}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True
        )
        steps = [step for one in found.seen for step in one.holders]
        count["observations"] += len(steps)
        for outcomes in (found.claimed.get(step, []) for step in steps):
            count[{0: "not analysed", 1: "of one outcome"}.get(len(outcomes), "of several outcomes")] += 1
        for disagreement in found.disagreements:
            _show(found, disagreement)
        for event in found.unshown:
            print(
                f"=== only one is ever seen of {event}\nmodel: {found.claimed[event]}\n{_configuration(found)}",
                flush=True,
            )
        count["disagreements"] += len(found.disagreements)
        count["of several outcomes, one ever seen"] += len(found.unshown)
        if options.keep and not found.disagreements and not found.unshown:
            keep(f"{options.keep}-{count['clusters']:03}", found.drawn.files, found.seen)
    for what, number in count.items():
        print(f"{number:6} {what}")
    print(f"{time.monotonic() - started:6.0f} s")
    return min(count["disagreements"], 1)


def _show(found: Examined, one: Disagreement) -> None:
    first = f" ({one.first} started first)" if one.first else ""
    print(
        f"=== {one.event}{first}\nmodel: {one.outcomes}\nseen:  {one.observed}\n{_configuration(found)}\n{one.told}\n",
        flush=True,
    )


def _configuration(found: Examined) -> str:
    files = found.drawn.files
    wanted = [path for path in files if path.endswith((".conf", "rules.v4", "rules.v6"))]
    return "\n".join(f"--- {path}\n{files[path]}" for path in wanted)


if __name__ == "__main__":
    raise SystemExit(main())
