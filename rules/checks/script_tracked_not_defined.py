"""KA405; its page is script_tracked_not_defined.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity, Skipped
from halint.fixes import edits
from halint.models.keepalived import TRACKERS, Keepalived
from halint.models.keepalived.tracking import Tracked
from halint.nearest import Nearest
from halint.node import Node
from halint.rule import Rule
from halint.tree import Statement

_DEFINING = {"track_script": "vrrp_script", "track_process": "vrrp_track_process", "track_file": "track_file"}


class ScriptTrackedNotDefined(Rule):
    """An instance tracks a check that is not defined before it, so keepalived ignores the line."""

    code = "KA405"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        model = node.keepalived
        if model is None:
            return
        unknown: dict[tuple[str, str], list[tuple[str, Tracked]]] = {}
        for owner, tracked in _tracked(model):
            if tracked.tracker is None and tracked.kind != "interface" and "${" not in tracked.name:
                unknown.setdefault((f"track_{tracked.kind}", tracked.name), []).append((owner, tracked))
        if unknown and model.missing_includes:
            yield self.skip(node, "keepalived")
            return
        definitions = _definitions(model) if unknown else {}
        nearest = Nearest()
        for (keyword, name), uses in unknown.items():
            owners = ", ".join(owner for owner, _ in uses)
            definition = definitions.get((keyword, name))
            related = [Location(node, tracked.word, f"tracked by {owner}") for owner, tracked in uses[1:]]
            fix = None
            first = uses[0][1]
            if definition is not None and (keyword, name) in model.trackers:
                why = "it is defined only further down; define it above"
                related.append(Location(node, definition.words[1], "defined only here"))
                fix = _fix(definition, first)
            elif definition is not None:
                why = f"keepalived drops its {definition.keyword}, which has no script line; give it one"
                related.append(Location(node, definition.words[1], "dropped"))
            elif first.misread and name in ("script", "interval", "weight", "fall", "rise"):
                why = f"a {keyword} block names checks, it does not hold one; write a {_DEFINING[keyword]}"
            else:
                meant = nearest(name, [known for kind, known in model.trackers if kind == keyword])
                if meant:
                    fix = Fix(
                        f"write {meant}",
                        [edits.replace(tracked.word, meant) for _, tracked in uses],
                        Applicability.UNSAFE,
                    )
                why = f"no {_DEFINING[keyword]} has this name; define it, " + (
                    f"or write {meant}, which is there" if meant else "or remove the line"
                )
            yield self.finding(
                f"{owners} on {node.name} will run without the check {name}: {why}",
                node,
                first.word,
                label="ignored",
                related=related,
                fix=fix,
            )


def _tracked(model: Keepalived) -> Iterator[tuple[str, Tracked]]:
    """What instances and sync groups track on their own, with their names."""
    groups = {id(tracked) for group in model.sync_groups for tracked in group.tracked}
    for group in model.sync_groups:
        for tracked in group.tracked:
            yield group.name, tracked
    for instance in model.instances:
        for tracked in instance.tracked:
            if id(tracked) not in groups:
                yield instance.name, tracked


def _definitions(model: Keepalived) -> dict[tuple[str, str], Statement]:
    """What defines checks, the first of each kind and name, whether keepalived takes it or not."""
    found: dict[tuple[str, str], Statement] = {}
    for statement in model.statements:
        keyword = TRACKERS.get(statement.keyword)
        if keyword is not None and len(statement.words) > 1:
            found.setdefault((keyword, statement.words[1].text), statement)
    return found


def _fix(definition: Statement, use: Tracked) -> Fix | None:
    """Move the definition, with the comment above it, before the block that uses it first."""
    user = use.statement
    while user.parent is not None:
        user = user.parent
    source = definition.source
    start, end = _top(definition), source.line_end(definition.end)
    text = source.text[start:end]
    alone = not source.text[source.line_start(definition.start) : definition.start].strip(" \t")
    rest = source.text[definition.end : end].strip(" \t\r\n")
    moves = user.source is source and user.end <= start and definition.closed
    if not (moves and alone and rest[:1] in ("", "#", "!")) or any(sign in text for sign in "$~@"):
        return None  # `$` and `~`: it may need what is defined between
    newline = edits.newline(source)
    block = text if text.endswith("\n") else text + newline
    above = source.line_start(start - 1)
    if not source.text[above:start].strip(" \t\r\n"):
        start = above  # the blank line that set it off
    at = _top(user)
    changes = [Edit(source, at, at, block + newline), Edit(source, start, end, "")]
    return Fix(f"move {use.name} before its first use", [*changes], Applicability.SAFE)


def _top(statement: Statement) -> int:
    """Where the statement's line begins, or the comment lines that stand right above it."""
    source = statement.source
    at = source.line_start(statement.start)
    while at and source.text[source.line_start(at - 1) : at].lstrip(" \t")[:1] in ("#", "!"):
        at = source.line_start(at - 1)
    return at
