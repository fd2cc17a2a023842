"""Findings as workflow commands, which GitHub Actions shows at the lines of a change."""

from __future__ import annotations

from halint.finding import Severity
from halint.linter import Report
from halint.secrets import Masking

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def write(report: Report, masking: Masking) -> str:
    """Errors first: GitHub shows only the first ten of a step."""
    lines = []
    for finding in sorted(report.findings, key=lambda finding: -finding.severity):
        place = finding.location
        line, column = place.source.position(place.start)
        end_line, end_column = place.source.position(place.end)
        where = f"file={_property(place.source.path)},line={line},col={column},endLine={end_line}"
        if end_line == line:
            where += f",endColumn={end_column}"
        title = _property(f"{finding.code} {finding.rule}")
        sources = [place.source, *(other.source for other in finding.related)]
        message = _data(masking.prose(finding.message, sources))
        lines.append(f"::{_COMMANDS[finding.severity]} {where},title={title}::{message}\n")
    return "".join(lines)


def _data(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
