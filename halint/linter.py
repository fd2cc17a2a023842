"""Runs the rules over clusters and makes one report of what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from halint import registry
from halint.finding import Create, Edit, Finding, Fix, Location, Severity, Skipped
from halint.readers.lexer import compiled
from halint.rule import Rule
from halint.selection import Selection
from halint.source import Source
from halint.suppression import Suppression, SuppressionRule, Suppressions
from halint.tree import Word

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.node import Node

#: The code of what is wrong with halint itself.
INTERNAL_ERROR = "HL901"


class Report:
    """What the rules say of `clusters`.

    findings: sorted by place, then code. suppressed: how many a comment silenced. skipped: what could not be
    judged, sorted by code and node. crashes: the traceback of each rule that failed.
    """

    __slots__ = ("clusters", "crashes", "findings", "skipped", "suppressed")

    def __init__(self, clusters: list[Cluster]) -> None:
        self.clusters = clusters
        self.findings: list[Finding] = []
        self.skipped: list[Skipped] = []
        self.suppressed = 0
        self.crashes: list[str] = []

    @property
    def nodes(self) -> list[Node]:
        return [node for cluster in self.clusters for node in cluster.nodes]

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


def check(
    clusters: list[Cluster],
    selection: Selection | None = None,
    *,
    rules: Iterable[Rule] | None = None,
    today: str | None = None,
) -> Report:
    """What the rules of `selection` say of `clusters`. A rule that crashes is a finding of its own.

    rules: those to select from; by default all that the registry finds.
    today: the date (2027-01-31) with which suppressions that end are compared; by default the machine's.
    """
    selection = selection or Selection()
    rules = list(registry.rules().values() if rules is None else rules)
    report = Report(clusters)
    suppressions = Suppressions(report.nodes, today)
    judges = [rule for rule in rules if isinstance(rule, SuppressionRule) and rule in selection]
    for rule in rules:
        if isinstance(rule, SuppressionRule):
            continue
        if rule in selection:
            _run(rule, report, suppressions)
        elif judges and suppressions.named(rule):
            # Whether a comment is of use does not depend on what is selected: run it, and say nothing of it.
            _run(rule, Report(clusters), suppressions)
    for judge in judges:
        for suppression in suppressions.all:
            for finding in _judged(judge, suppression, report):
                finding.location.nodes = suppression.nodes
                report.findings.append(finding)
    report.findings = merged(report.findings)
    report.findings.sort(key=_order)
    skipped = {(one.code, one.node.name, one.missing): one for one in report.skipped}
    report.skipped = [skipped[key] for key in sorted(skipped)]
    return report


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that differ only in the node, on a file that these nodes share, as one that lists them."""
    kept: dict[object, Finding] = {}
    for finding in findings:
        place = finding.location
        own = place.node.name if place.node else ""
        message = _named(finding.message, own, "\0")
        key = (finding.code, finding.severity, place.source, place.start, place.end, message)
        first = kept.setdefault(key, finding)
        if first is finding:
            continue
        before, place = first.location.node, first.location
        place.nodes += tuple(name for name in finding.location.nodes if name not in place.nodes)
        if before is not None:
            first.message = message.replace("\0", ", ".join(place.nodes))
            place.label = _named(place.label, before.name, ", ".join(place.nodes))
        seen = {_key(known) for known in first.related}
        first.related += [other for other in finding.related if _key(other) not in seen]
        if first.fix and finding.fix:
            first.fix = _joined(first.fix, finding.fix)
    return list(kept.values())


def _run(rule: Rule, report: Report, suppressions: Suppressions) -> None:
    for cluster in report.clusters:
        if rule.between_clusters or (len(cluster.nodes) == 1 and rule.compares_nodes):
            suppressions.undecided(rule, cluster.nodes)
        try:
            for found in rule.check(cluster):
                if isinstance(found, Skipped):
                    report.skipped.append(found)
                    suppressions.undecided(rule, [found.node])
                elif suppressions.silences(found, rule):
                    report.suppressed += 1
                else:
                    found.cluster = cluster.name
                    report.findings.append(found)
        except Exception as error:
            suppressions.undecided(rule, cluster.nodes)
            crash = _crashed(rule, _first_file(cluster), f"cluster {cluster.name}", error, report)
            crash.cluster = cluster.name
            report.findings.append(crash)


def _judged(rule: SuppressionRule, suppression: Suppression, report: Report) -> list[Finding]:
    """What `rule` says of one suppression comment."""
    try:
        return list(rule.judge(suppression))
    except Exception as error:
        return [_crashed(rule, Location(suppression.node, suppression), "this comment", error, report)]


def _first_file(cluster: Cluster) -> Location:
    """Where to put what concerns `cluster` as a whole."""
    for node in cluster.nodes:
        for source in node.files.values():
            return Location(node, Word(source, 0, 0))
    return Location(None, Word(Source(".", "", format="text"), 0, 0))


def _crashed(rule: Rule, place: Location, what: str, error: Exception, report: Report) -> Finding:
    """The finding that `rule` failed on `what`."""
    import traceback

    report.crashes.append("".join(traceback.format_exception(error)))
    message = (
        f"{rule.code} {rule.name} failed with {type(error).__name__} on {what}, which it does not judge; this is a "
        "fault of halint, please report it"
    )
    return Finding(INTERNAL_ERROR, "internal-error", Severity.ERROR, message, place)


def _order(finding: Finding) -> tuple[str, int, int, str, str, tuple[str, ...]]:
    place = finding.location
    return place.source.path, place.start, place.end, finding.code, finding.message, place.nodes


def _named(text: str, name: str, replacement: str) -> str:
    """`text` with another name for the node `name`."""
    parts, at = [], 0
    start = text.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        if compiled(r"[\w.-]").match(text[start - 1 : start]) or compiled(r"[\w-]").match(text, end):
            start = text.find(name, start + 1)
            continue
        parts += [text[at:start], replacement]
        at = end
        start = text.find(name, at)
    return "".join([*parts, text[at:]])


def _key(place: Location) -> tuple[Source, int, int, str]:
    return place.source, place.start, place.end, place.label


def _joined(first: Fix, second: Fix) -> Fix:
    """The fix of both nodes' findings."""
    prefer = None
    if first.prefer is not None and second.prefer is not None:
        names = [*first.prefer, *(name for name in second.prefer if name not in first.prefer)]
        prefer = {name: _union(first.prefer.get(name, []), second.prefer.get(name, [])) for name in names}
    applicability = min(first.applicability, second.applicability)
    return Fix(first.title, _union(first.edits, second.edits), applicability, prefer)


def _union(first: list[Edit | Create], second: list[Edit | Create]) -> list[Edit | Create]:
    seen = {identity(edit) for edit in first}
    return [*first, *(edit for edit in second if identity(edit) not in seen)]


def identity(edit: Edit | Create) -> tuple[object, ...]:
    """What makes two edits the same."""
    if isinstance(edit, Create):
        return edit.node.name, edit.path, edit.text
    return edit.source, edit.start, edit.end, edit.text
