"""The last lines of a report: how much was found, and what could not be judged."""

from __future__ import annotations

from halint.finding import Applicability, Severity
from halint.linter import Report


def lines(report: Report) -> list[str]:
    """The counts, and the facts that rules missed."""
    counts = [
        _number(n, s.label if s is not Severity.INFO else "note") for s in reversed(Severity) if (n := report.count(s))
    ]
    clusters = _number(len(report.clusters), "cluster")
    text = f"{', '.join(counts) or 'nothing found'} on {_number(len(report.nodes), 'node')} of {clusters}"
    notes = []
    safe, unsafe = fixable(report)
    if safe:
        notes.append(f"{safe} fixable with `halint fix`")
    if unsafe:
        notes.append(f"{unsafe} more with `--unsafe`" if safe else f"{unsafe} fixable with `halint fix --unsafe`")
    if report.suppressed:
        notes.append(f"{report.suppressed} suppressed")
    if notes:
        text += f" ({', '.join(notes)})"
    found = [text]
    if report.skipped:
        rules = len({skipped.code for skipped in report.skipped})
        missing: dict[str, set[str]] = {}
        for skipped in report.skipped:
            for family in skipped.missing:
                missing.setdefault(family, set()).add(skipped.node.name)
        facts = "; ".join(f"{family} of {', '.join(sorted(nodes))}" for family, nodes in sorted(missing.items()))
        found.append(f"{_number(rules, 'rule')} skipped, for want of: {facts}")
    return found


def fixable(report: Report) -> tuple[int, int]:
    """How many findings have a safe fix, and how many an unsafe one."""
    kinds = [finding.fix.applicability for finding in report.findings if finding.fix]
    return kinds.count(Applicability.SAFE), kinds.count(Applicability.UNSAFE)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
