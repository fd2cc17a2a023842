"""Findings as data. `schema` is 1; keys are added to it, and none is changed or taken away."""

from __future__ import annotations

import json
import os

from halint import judged
from halint.discovery.walk import display
from halint.finding import Create, Edit, Finding, Fix, Location, Severity
from halint.fingerprint import fingerprints
from halint.linter import Report
from halint.node import Node
from halint.reporters import summary
from halint.secrets import Masking
from halint.source import Source
from halint.versions import show


def write(report: Report, masking: Masking) -> str:
    names = _Names(report)
    prints = fingerprints(report.findings, Masking())
    safe, unsafe = summary.fixable(report)
    document = {
        "schema": 1,
        "findings": [_finding(f, p, masking, names) for f, p in zip(report.findings, prints, strict=True)],
        "skipped": [
            {"code": skipped.code, "node": skipped.node.name, "missing": list(skipped.missing)}
            for skipped in report.skipped
        ],
        "targets": [_target(node) for node in report.nodes],
        "summary": {
            "clusters": len(report.clusters),
            "nodes": len(report.nodes),
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "infos": report.count(Severity.INFO),
            "suppressed": report.suppressed,
            "skipped": len(report.skipped),
            "fixable": {"safe": safe, "unsafe": unsafe},
        },
    }
    return encoded(document)


def _target(node: Node) -> dict[str, object]:
    """The distribution and the versions by which `node` is judged, each with the reason."""
    os = {"name": node.targets.os, "reason": node.targets.reasons.get("os", "")}
    programs = {
        one.program: {"version": show(one.version), "assumed": not one.told, "reason": one.reason}
        for one in judged.versions(node)
    }
    return {"node": node.name, "os": os, **programs}


def encoded(document: dict[str, object]) -> str:
    """`document` as JSON. A byte that is not UTF-8 becomes a question mark: JSON cannot hold it."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"


class _Names:
    """Which nodes have a source, by their names."""

    def __init__(self, report: Report) -> None:
        self._nodes: dict[Source, list[str]] = {}
        for node in report.nodes:
            for source in node.files.values():
                names = self._nodes.setdefault(source, [])
                if node.name not in names:
                    names.append(node.name)

    def of(self, source: Source) -> list[str]:
        return self._nodes.get(source, [])


def _finding(finding: Finding, fingerprint: str, masking: Masking, names: _Names) -> dict[str, object]:
    sources = [finding.location.source, *(place.source for place in finding.related)]
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity.label,
        "message": masking.prose(finding.message, sources),
        "cluster": finding.cluster,
        "location": _location(finding.location, masking),
        "related": [_location(place, masking) for place in finding.related],
        "fix": _fix(finding.fix, sources, masking, names) if finding.fix else None,
        "fingerprint": fingerprint,
        "url": None,
    }


def _location(place: Location, masking: Masking) -> dict[str, object]:
    return {
        "node": place.node.name if place.node else None,
        "nodes": list(place.nodes),
        "path": place.source.path,
        "start": _position(place.source, place.start),
        "end": _position(place.source, place.end),
        "label": masking.prose(place.label, [place.source]),
    }


def _fix(fix: Fix, sources: list[Source], masking: Masking, names: _Names) -> dict[str, object]:
    return {
        "title": masking.prose(fix.title, sources),
        "applicability": fix.applicability.label,
        "edits": [_create(e, masking) if isinstance(e, Create) else _edit(e, masking, names) for e in fix.edits],
    }


def _edit(edit: Edit, masking: Masking, names: _Names) -> dict[str, object]:
    return {
        "node": next(iter(names.of(edit.source)), None),
        "path": edit.source.path,
        "start": _position(edit.source, edit.start),
        "end": _position(edit.source, edit.end),
        "text": masking.new_text(edit),
        "create": False,
    }


def _create(create: Create, masking: Masking) -> dict[str, object]:
    path = create.node.host_path(create.path)
    first = {"line": 1, "column": 1}
    return {
        "node": create.node.name,
        "path": create.path if path is None else display(path, os.getcwd()),
        "start": first,
        "end": first,
        "text": masking.text(create.text, create.path),
        "create": True,
    }


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column}
