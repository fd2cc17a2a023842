"""Findings as SARIF 2.1.0, which code hosts show and compare from run to run."""

from __future__ import annotations

import os
from urllib.parse import quote

from halint import __version__, pages, registry
from halint.discovery.walk import display
from halint.finding import Applicability, Create, Finding, Fix, Location, Severity
from halint.fingerprint import fingerprints
from halint.linter import Report
from halint.reporters.json import encoded
from halint.secrets import Masking
from halint.source import Source

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

Json = dict[str, object]


def write(report: Report, masking: Masking) -> str:
    codes = sorted({finding.code for finding in report.findings})
    index = {code: number for number, code in enumerate(codes)}
    prints = fingerprints(report.findings, Masking())
    run: Json = {
        "tool": {"driver": {"name": "halint", "version": __version__, "rules": [_rule(c, report) for c in codes]}},
        "invocations": [{"executionSuccessful": not report.crashes}],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, index[finding.code], fingerprint, masking)
            for finding, fingerprint in zip(report.findings, prints, strict=True)
        ],
    }
    return encoded({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, report: Report) -> Json:
    rule = registry.rules().get(code)
    if rule is None:
        name = next(finding.rule for finding in report.findings if finding.code == code)
        return {"id": code, "name": name}
    page = registry.page(rule)
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": pages.summary(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "help": {"text": page, "markdown": page},
    }


def _result(finding: Finding, index: int, fingerprint: str, masking: Masking) -> Json:
    sources = [finding.location.source, *(place.source for place in finding.related)]
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": masking.prose(finding.message, sources)},
        "locations": [_location(finding.location, masking)],
        "partialFingerprints": {"halint/v1": fingerprint},
        "properties": {"cluster": finding.cluster, "nodes": list(finding.location.nodes)},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(place, masking)} for number, place in enumerate(finding.related, 1)
        ]
    fix = _fix(finding.fix, masking) if finding.fix else None
    if fix:
        result["fixes"] = [fix]
    return result


def _location(place: Location, masking: Masking) -> Json:
    location: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.source.path)},
            "region": _region(place.source, place.start, place.end),
        }
    }
    if place.label:
        location["message"] = {"text": masking.prose(place.label, [place.source])}
    return location


def _fix(fix: Fix, masking: Masking) -> Json | None:
    """The fix, or None where it must not be applied as it is written here: one for display, or with a secret."""
    if fix.applicability is Applicability.DISPLAY:
        return None
    changes: dict[str, list[Json]] = {}
    for edit in fix.edits:
        if isinstance(edit, Create):
            path, region, text = _created(edit), {"startLine": 1, "startColumn": 1, "endColumn": 1}, edit.text
            shown = masking.text(edit.text, edit.path)
        else:
            path, region, text = edit.source.path, _region(edit.source, edit.start, edit.end), edit.text
            shown = masking.new_text(edit)
        if shown != text:
            return None
        changes.setdefault(path, []).append({"deletedRegion": region, "insertedContent": {"text": text}})
    return {
        "description": {"text": f"{fix.title} ({fix.applicability.label})"},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(path)}, "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


def _created(create: Create) -> str:
    path = create.node.host_path(create.path)
    return create.path if path is None else display(path, os.getcwd())


def _region(source: Source, start: int, end: int) -> dict[str, int]:
    line, column = source.position(start)
    end_line, end_column = source.position(end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _uri(path: str) -> str:
    """A path as a reference relative to the current directory, or a file URI."""
    quoted = quote(path.encode("utf-8", "surrogateescape"), safe="/!")
    return "file://" + quoted if path.startswith("/") else quoted
