#!/usr/bin/env python3
"""Prints how far halint and the real daemons agree, and where they do not.

    python tests/parity/report.py [--misses] [--mutations COUNT] [ORACLE]...

Of the part of the corpus that is set aside only numbers are printed: it stays an exam.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import panel
from comparison import Judged, count, misses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("oracles", nargs="*", metavar="ORACLE", choices=[[], *panel.NAMES], help=" ".join(panel.NAMES))
    parser.add_argument(
        "--misses", action="store_true", help="list each file on which they differ, but those set aside"
    )
    parser.add_argument(
        "--mutations", type=int, default=0, metavar="COUNT", help="as many mutations of accepted files, too"
    )
    given = parser.parse_args()
    for name in given.oracles or panel.NAMES:
        print(f"== {name} ({panel.oracle(name).version})")
        every = [*panel.judged(name), *panel.healed(name)]
        if given.mutations:
            every += panel.mutated(name, given.mutations)
        for part in dict.fromkeys(one.input.part for one in every):
            numbers(part, [one for one in every if one.input.part == part])
        if given.misses:
            for how, one in misses(one for one in every if "aside" not in one.input.part):
                detail(how, one)


def numbers(part: str, judged: list[Judged]) -> None:
    c = count(judged)
    print(
        f"{part:>17}: {c.files} files, {c.no_verdict} without a verdict;"
        f" false errors {share(c.false_errors, c.accepted)}, false alarms {share(c.false_alarms, c.clean)},"
        f" rejected {share(c.rejections_found, c.rejected)},"
        f" first messages {share(c.first_messages_found, c.first_messages)},"
        f" all messages {share(c.messages_found, c.messages)},"
        f" on their own line {share(c.messages_on_line, c.messages)}"
    )


def share(some: int, every: int) -> str:
    return f"{some}/{every}" + (f" ({some / every:.1%})" if every else "")


def detail(how: str, one: Judged) -> None:
    print(f"-- {how}: {one.input.part} {one.input.name} ({one.verdict.status})")
    for message in one.verdict.messages if how in ("false error", "false alarm", "not rejected") else one.unmatched:
        print(f"   {one.input.kind}: {message.line or '-'}: {message.level}: {message.text.splitlines()[0][:200]}")
    for remark in one.remarks:
        print(f"   halint: {remark.line}: {remark.severity.label}: {remark.code} {remark.message[:160]}")


if __name__ == "__main__":
    main()
