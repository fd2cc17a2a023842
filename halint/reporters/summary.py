"""The last lines of a report: how much was found, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from halint import judged
from halint.finding import Applicability, Severity
from halint.linter import Report
from halint.versions import show

#: As many nodes as a line has room for.
_FEW = 8


def lines(report: Report) -> list[str]:
    """The counts, and the facts that rules missed."""
    counts = [
        _number(n, s.label if s is not Severity.INFO else "note")
        for s in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        if (n := report.count(s))
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
    found = [text, *_assumed(report)]
    if report.skipped:
        rules = len({skipped.code for skipped in report.skipped})
        missing: dict[str, set[str]] = {}
        for skipped in report.skipped:
            for family in skipped.missing:
                missing.setdefault(family, set()).add(skipped.node.name)
        facts = "; ".join(f"{family} of {_names(sorted(nodes))}" for family, nodes in sorted(missing.items()))
        found.append(
            f"{_number(rules, 'rule')} skipped, for want of: {facts} (`halint nodes` says what is known, and why)"
        )
    return found


def _assumed(report: Report) -> Iterator[str]:
    """The versions that nothing in the input says."""
    assumed: dict[str, list[str]] = {}
    for node in report.nodes:
        for one in judged.versions(node):
            if not one.told:
                assumed.setdefault(f"{one.program} {show(one.version)}", []).append(node.name)
    alike: dict[tuple[str, ...], list[str]] = {}
    for version, nodes in assumed.items():
        alike.setdefault(tuple(nodes), []).append(version)
    for names, versions in alike.items():
        yield f"assumed {' and '.join(versions)} on {_names(list(names))}: nothing says which version runs (--target)"


def fixable(report: Report) -> tuple[int, int]:
    """How many findings have a safe fix, and how many an unsafe one."""
    kinds = [finding.fix.applicability for finding in report.findings if finding.fix]
    return kinds.count(Applicability.SAFE), kinds.count(Applicability.UNSAFE)


def _names(nodes: list[str]) -> str:
    """The names of nodes, as long as they are few; of a fleet their number."""
    return ", ".join(nodes) if len(nodes) <= _FEW else f"{len(nodes)} nodes"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
