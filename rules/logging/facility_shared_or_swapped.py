"""LG104; its page is facility_shared_or_swapped.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models import logs
from halint.models.logs import Flow
from halint.node import Node
from halint.readers.lexer import compiled
from halint.rule import Rule

_DAEMONS = ("haproxy", "keepalived")


class FacilitySharedOrSwapped(Rule):
    """A daemon's lines end in the file that is named for another."""

    code = "LG104"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        starving = {file.flow for file in logs.starved(node)}
        reported = set()
        for flow in node.flows:
            for path, word in flow.files.items():
                whose = _named_for(path)
                if whose in (None, flow.daemon) or flow in starving or (flow.daemon, path) in reported:
                    continue
                reported.add((flow.daemon, path))
                crossed = _crossed(node, flow)
                if crossed is not None:
                    reported.add((crossed[0].daemon, crossed[1]))
                yield self.finding(
                    f"what {flow.daemon} on {node.name} logs to {flow.facility} is written to {path}, which is named "
                    f"for {whose}; log to another facility, or correct the rule",
                    node,
                    flow.word,
                    related=[Location(node, word, "written here")] if word is not None else [],
                    fix=_fix(node, flow, path),
                )


def _named_for(path: str) -> str | None:
    """The one program that the name of a log file names; boot.log is that of EL's services."""
    name = path.rpartition("/")[2].lower()
    named = [daemon for daemon in _DAEMONS if daemon in name]
    if name == "boot.log":
        return "the services at boot"
    return named[0] if len(named) == 1 else None


def _crossed(node: Node, flow: Flow) -> tuple[Flow, str] | None:
    """Another daemon whose lines are in the one file that is named for that of `flow`, and that file."""
    for other in node.flows:
        paths = [path for path in other.files if _named_for(path) == flow.daemon]
        if other.daemon != flow.daemon and len(paths) == 1:
            return other, paths[0]
    return None


def _fix(node: Node, flow: Flow, path: str) -> Fix | None:
    """Exchange the files of two daemons, or give keepalived a facility that nothing else has."""
    crossed, here = _crossed(node, flow), flow.files[path]
    there = None if crossed is None else crossed[0].files[crossed[1]]
    if crossed is not None and here is not None and there is not None:
        changes = [edits.replace(here, crossed[1]), edits.replace(there, path)]
        return Fix(f"exchange {path} and {crossed[1]}", [*changes], Applicability.UNSAFE)
    if flow.daemon != "keepalived" or not compiled("(local)?[0-7]").fullmatch(flow.word.raw):
        return None
    free = _free(node)
    if free is None:
        return None
    digit = flow.word.part(len(flow.word.raw) - 1, len(flow.word.raw))
    return Fix(f"let keepalived log to local{free}", [edits.replace(digit, str(free))], Applicability.UNSAFE)


def _free(node: Node) -> int | None:
    """A local facility that no rule and no daemon of the node names."""
    used = {flow.facility for flow in node.flows}
    text = " ".join(statement.words[0].text.lower() for statement in node.rsyslog.statements())
    return next((n for n in range(1, 7) if f"local{n}" not in used and f"local{n}" not in text), None)
