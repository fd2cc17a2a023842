"""Makes the fixes of findings, in memory: every fix is checked by linting the result before anything is written.

A fix is refused where its finding is still there afterwards, or where an error is that was not there before, unless
it does what it should once the others are made. Fixes that touch the same place wait for the next pass.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable

from halint import linter, registry
from halint.cluster import Cluster
from halint.discovery.walk import display
from halint.finding import Applicability, Create, Edit, Finding, Severity
from halint.fixes.atomic import leads_out
from halint.fixes.edited import Edited
from halint.light import bisect_left, insort_right
from halint.linter import Report
from halint.node import Node
from halint.readers import formats
from halint.rule import Rule
from halint.selection import Selection
from halint.source import Source

#: More than any chain of fixes that wait for each other has needed.
PASSES = 10

Edits = list[Edit | Create]
Grouping = Callable[[list[Node]], list[Cluster]]


class FixError(Exception):
    """Why no file was changed."""


class Change:
    """One file as it is and as it will be. before: None where it is new."""

    __slots__ = ("after", "before")

    def __init__(self, before: Source | None, after: Source) -> None:
        self.before = before
        self.after = after


class Refused:
    """A finding whose fix is not made, and why."""

    __slots__ = ("finding", "reason")

    def __init__(self, finding: Finding, reason: str) -> None:
        self.finding = finding
        self.reason = reason


class Fixed:
    """What fixing led to, nothing of it written yet.

    changes: sorted by path. applied: the findings that are gone. remaining: what the rules say afterwards.
    """

    __slots__ = ("applied", "changes", "refused", "remaining")

    def __init__(
        self, changes: list[Change], applied: list[Finding], refused: list[Refused], remaining: Report
    ) -> None:
        self.changes = changes
        self.applied = applied
        self.refused = refused
        self.remaining = remaining


def fix(
    nodes: list[Node],
    group: Grouping,
    selection: Selection,
    *,
    unsafe: bool = False,
    prefer: str | None = None,
    roots: list[str] | None = None,
    rules: Iterable[Rule] | None = None,
    today: str | None = None,
) -> Fixed:
    """The fixes of the findings that `selection` selects.

    group: makes clusters of nodes. unsafe: make unsafe fixes too. prefer: the node that is right where nodes
    disagree. roots: the folders in which files may be changed; None is everywhere. Raises FixError where the
    fixes do not come to an end.
    """
    lint = _Lint(group, list(registry.rules().values() if rules is None else rules), today)
    fixing = _Fixing(lint, selection, unsafe, prefer, roots)
    state = lint(nodes)
    for _ in range(PASSES):
        following = fixing.one_pass(state)
        if following is None and fixing.reconsider():
            following = fixing.one_pass(state)
        if following is None:
            remaining = _selected(state.report, selection, lint.rules)
            return Fixed(_changes(nodes, state.nodes), fixing.applied, fixing.refused, remaining)
        state = following
    left = ", ".join(sorted({finding.code for finding, _ in fixing.candidates(state)}))
    raise FixError(f"the fixes did not come to an end after {PASSES} passes ({left}): nothing was changed")


class _State:
    """The nodes after some edits, and what all rules say of them."""

    def __init__(self, nodes: list[Node], report: Report) -> None:
        self.nodes = nodes
        self.report = report
        self.errors = Counter(_kind(f) for f in report.findings if f.severity is Severity.ERROR)
        self.findings = Counter(map(_identity, report.findings))


class _Lint:
    """Runs all rules: a fix must not do harm that the selection does not see."""

    def __init__(self, group: Grouping, rules: list[Rule], today: str | None) -> None:
        self.group = group
        self.rules = {rule.code: rule for rule in rules}
        self.today = today

    def __call__(self, nodes: list[Node]) -> _State:
        return _State(nodes, linter.check(self.group(nodes), rules=self.rules.values(), today=self.today))


class _Fixing:
    def __init__(
        self, lint: _Lint, selection: Selection, unsafe: bool, prefer: str | None, roots: list[str] | None
    ) -> None:
        self.lint = lint
        self.selection = selection
        self.unsafe = unsafe
        self.prefer = prefer
        self.roots = roots
        self.applied: list[Finding] = []
        self.refused: list[Refused] = []
        #: By identity, how many fixes had been made when they were refused.
        self._refusals: dict[tuple[object, ...], int] = {}

    def candidates(self, state: _State) -> list[tuple[Finding, Edits]]:
        """The findings that may be fixed, with the edits to make."""
        found = []
        for finding in state.report.findings:
            rule = self.lint.rules.get(finding.code)
            if rule is None or rule not in self.selection or _identity(finding) in self._refusals:
                continue
            edits = self._edits(finding)
            if edits:
                found.append((finding, edits))
        return found

    def one_pass(self, state: _State) -> _State | None:
        """The state after one pass of fixes, or None where there is nothing left to fix."""
        while batch := self._batch(state):
            while batch:
                following = self._after(state, batch)
                if not self._fault(state, following, batch):
                    self.applied += [finding for finding, _ in batch]
                    return following
                batch = self._good(state, batch)
        return None

    def reconsider(self) -> bool:
        """Whether fixes were refused before others were made: with these they may do what they should."""
        early = {identity for identity, made in self._refusals.items() if made < len(self.applied)}
        for identity in early:
            del self._refusals[identity]
        self.refused = [refused for refused in self.refused if _identity(refused.finding) not in early]
        return bool(early)

    def _batch(self, state: _State) -> list[tuple[Finding, Edits]]:
        """Fixes that can be made together; those that touch one of them wait."""
        batch, used = [], _Used()
        for finding, edits in self.candidates(state):
            obstacle = _obstacle(edits, self.roots)
            if obstacle:
                self._refuse(finding, obstacle)
            elif used.take(edits):
                batch.append((finding, edits))
        return batch

    def _good(self, state: _State, batch: list[tuple[Finding, Edits]]) -> list[tuple[Finding, Edits]]:
        """Those of `batch` that do what they should when they are made alone; the others are refused.
        Only the first, where they fail together all the same."""
        good = []
        for finding, edits in batch:
            alone = [(finding, edits)]
            fault = self._fault(state, self._after(state, alone), alone)
            if fault:
                self._refuse(finding, fault)
            else:
                good.append((finding, edits))
        return good if len(good) < len(batch) else good[:1]

    def _fault(self, state: _State, following: _State, batch: list[tuple[Finding, Edits]]) -> str:
        """Why `following` must not be, or empty."""
        added = following.errors - state.errors
        if added:
            code, _, path = min(added, key=str)
            return f"it would add an error, {code} in {path}"
        made = Counter(_identity(finding) for finding, _ in batch)
        for identity, count in made.items():
            if following.findings[identity] > state.findings[identity] - count:
                return "the finding would still be there"
        return ""

    def _after(self, state: _State, batch: list[tuple[Finding, Edits]]) -> _State:
        return self.lint(_edited(state.nodes, [edit for _, edits in batch for edit in edits]))

    def _edits(self, finding: Finding) -> Edits:
        """The edits to make for `finding`; none where its fix is not to be made."""
        fix = finding.fix
        if fix is None:
            return []
        if fix.prefer and self.prefer in fix.prefer:
            return fix.prefer[self.prefer] if self.unsafe else []
        wanted = Applicability.UNSAFE if self.unsafe else Applicability.SAFE
        return fix.edits if fix.applicability >= wanted else []

    def _refuse(self, finding: Finding, reason: str) -> None:
        self._refusals[_identity(finding)] = len(self.applied)
        self.refused.append(Refused(finding, reason))


class _Used:
    """The edits of a pass, none of which may touch another: those of a source are kept in order, and only the next
    ones before and behind can touch."""

    def __init__(self) -> None:
        self._spans: dict[Source, list[Edit]] = {}
        self._files: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[object, ...]] = set()

    def take(self, edits: Edits) -> bool:
        """Take all of `edits`, or none where one of them meets another edit than itself."""
        new = [edit for edit in edits if linter.identity(edit) not in self._taken]
        if not all(self._fits(edit) for edit in new):
            return False
        for edit in new:
            self._taken.add(linter.identity(edit))
            if isinstance(edit, Create):
                self._files[edit.node.name, edit.path] = edit.text
            else:
                insort_right(self._spans.setdefault(edit.source, []), edit, key=_start)
        return True

    def _fits(self, edit: Edit | Create) -> bool:
        if isinstance(edit, Create):
            return (edit.node.name, edit.path) not in self._files
        taken = self._spans.get(edit.source, [])
        at = bisect_left(taken, edit.start, key=_start)
        return not any(_meet(edit, other) for other in taken[max(at - 1, 0) : at + 1])


def _start(edit: Edit) -> int:
    return edit.start


def _meet(first: Edit, second: Edit) -> bool:
    """Whether two edits of one source touch each other. Whole lines put at one place do not."""
    if first.start == first.end == second.start == second.end:
        return not (_whole_lines(first) and _whole_lines(second))
    return first.start < second.end and second.start < first.end or first.start == second.start


def _whole_lines(edit: Edit) -> bool:
    return edit.text.endswith("\n") and edit.source.line_start(edit.start) == edit.start


def _obstacle(edits: Edits, roots: list[str] | None) -> str:
    """Why these edits cannot be written, or empty."""
    for edit in edits:
        if isinstance(edit, Create):
            path = edit.node.host_path(edit.path)
            if path is None:
                return f"there is no place for {edit.path} of {edit.node.name}"
            if os.path.lexists(path):
                return f"{display(path, os.getcwd())} is already there"
        else:
            path = edit.source.file
            if path is None:
                return f"{edit.source.path} cannot be written"
        if roots is not None and leads_out(path, roots):
            return f"{display(path, os.getcwd())} is out of the checked folders"
    return ""


def _edited(nodes: list[Node], edits: Edits) -> list[Node]:
    """`nodes` with the files as `edits` leave them; the others' trees are kept."""
    by_source: dict[Source, dict[tuple[object, ...], Edit]] = {}
    created: dict[str, dict[str, Source]] = {}
    for edit in edits:
        if isinstance(edit, Create):
            path = edit.node.host_path(edit.path)
            shown = display(path or edit.path, os.getcwd())
            source = Source(shown, edit.text, format=formats.of_path(edit.path), file=path)
            created.setdefault(edit.node.name, {})[edit.path] = source
        else:
            by_source.setdefault(edit.source, {})[linter.identity(edit)] = edit
    changed = {source: Edited(source, found.values()) for source, found in by_source.items()}
    return [
        node.with_files(
            {path: changed.get(source, source) for path, source in node.files.items()} | created.get(node.name, {})
        )
        for node in nodes
    ]


def _changes(before: list[Node], after: list[Node]) -> list[Change]:
    """The files that differ."""
    found: dict[str, Change] = {}
    for old, new in zip(before, after, strict=True):
        for path, source in new.files.items():
            original = old.files.get(path)
            if source is not original and (original is None or source.text != original.text):
                found.setdefault(source.file or source.path, Change(original, source))
    return sorted(found.values(), key=lambda change: change.after.path)


def _selected(report: Report, selection: Selection, known: dict[str, Rule]) -> Report:
    """`report` with the findings and skipped rules that `selection` selects."""
    chosen = Report(report.clusters)
    chosen.findings = [f for f in report.findings if f.code not in known or known[f.code] in selection]
    chosen.skipped = [skipped for skipped in report.skipped if known[skipped.code] in selection]
    chosen.suppressed, chosen.crashes = report.suppressed, report.crashes
    return chosen


def _kind(finding: Finding) -> tuple[str, tuple[str, ...], str]:
    place = finding.location
    return finding.code, place.nodes, place.source.path


def _identity(finding: Finding) -> tuple[object, ...]:
    """A finding by what stays the same when other lines of its file move."""
    return *_kind(finding), finding.message
