"""Findings with code frames, for people."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix
from halint.linter import Report
from halint.reporters import summary
from halint.reporters.frame import Segment, frame
from halint.reporters.terminal import printable
from halint.secrets import Masking


def write(report: Report, masking: Masking) -> str:
    return "".join(text for text, _ in segments(report, masking))


def segments(report: Report, masking: Masking) -> Iterator[Segment]:
    """The report in pieces, each with its style."""
    for finding in sorted(report.findings, key=lambda finding: -finding.severity):
        yield from _finding(finding, masking)
        yield "\n", ""
    for line in summary.lines(report):
        yield line + "\n", "summary"


def _finding(finding: Finding, masking: Masking) -> Iterator[Segment]:
    sources = [finding.location.source, *(place.source for place in finding.related)]
    yield f"{finding.severity.label}[{finding.code}]", finding.severity.label
    yield f" {finding.rule}: {printable(masking.prose(finding.message, sources))}\n", "message"
    yield from frame(finding, masking)
    if finding.fix:
        gutter = " " * len(str(max(p.source.position(p.start)[0] for p in (finding.location, *finding.related))))
        yield f"{gutter} = ", "gutter"
        yield "help: ", "help"
        yield f"{printable(masking.prose(finding.fix.title, sources))} ({_how(finding.fix)})\n", ""


def _how(fix: Fix) -> str:
    """Which command makes the fix."""
    if fix.applicability is Applicability.SAFE:
        return "halint fix"
    if fix.applicability is Applicability.UNSAFE:
        return "halint fix --unsafe"
    if fix.prefer:
        return " or ".join(f"halint fix --unsafe --prefer {node}" for node in fix.prefer)
    return "by hand"
