"""One line a finding: PATH:LINE:COLUMN: SEVERITY: MESSAGE [CODE]."""

from __future__ import annotations

from halint.finding import Finding
from halint.linter import Report
from halint.reporters.terminal import printable
from halint.secrets import Masking


def write(report: Report, masking: Masking) -> str:
    return "".join(line(finding, masking) + "\n" for finding in report.findings)


def line(finding: Finding, masking: Masking) -> str:
    source = finding.location.source
    row, column = source.position(finding.location.start)
    message = masking.prose(finding.message, [source, *(place.source for place in finding.related)])
    where = f"{printable(source.path)}:{row}:{column}"
    return f"{where}: {finding.severity.label}: {printable(message)} [{finding.code}]"
