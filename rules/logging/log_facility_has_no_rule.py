"""LG103; its page is log_facility_has_no_rule.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Location, Severity
from halint.fixes import additions, edits, log_rotation
from halint.models import logs
from halint.models.logs import Flow, Starved
from halint.node import Node
from halint.rule import Rule


class LogFacilityHasNoRule(Rule):
    """No rule of rsyslog writes what a daemon logs to a file, or only to another than the one named for it."""

    code = "LG103"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        reported = set()
        misread = node.rsyslog.slips or node.rsyslog.garbled
        for flow in node.flows:
            if flow.ends_nowhere and not misread and (flow.daemon, flow.facility) not in reported:
                reported.add((flow.daemon, flow.facility))
                why = "a rule of rsyslog drops it" if flow.stops else "no rule of rsyslog takes it; add one"
                lost = flow.transport == "udp" and not flow.stops
                yield self.finding(
                    f"what {flow.daemon} on {node.name} logs to {flow.facility} ends in no file: {why}",
                    node,
                    flow.word,
                    related=[Location(node, stop, "dropped here") for stop in flow.stops],
                    fix=_rule(node, flow),
                    severity=Severity.ERROR if lost else Severity.WARNING,
                )
        for file in logs.starved(node):
            yield self.finding(
                f"{file.path} on {node.name} stays empty: rsyslog fills it from {file.facility}, {file.flow.daemon} "
                f"logs to {file.flow.facility}, which goes to {file.goes[0]}; let both name the same",
                node,
                file.word,
                related=[Location(node, file.flow.word, f"logs to {file.flow.facility}")],
                fix=_agree(node, file),
            )


def _rule(node: Node, flow: Flow) -> Fix | None:
    """A rule for the facility in a file of its own, and the rotation of the log file."""
    if flow.stops or not node.rsyslog.reads_drop_ins:
        return None
    path = f"/var/log/{flow.daemon}.log"
    changes = [additions.addition(node, f"/etc/rsyslog.d/30-{flow.daemon}.conf", f"{flow.facility}.* -{path}")]
    if node.logrotate.rotates(path) is False:
        changes.append(log_rotation.entry(node, path))
    return additions.fix(f"write {flow.facility} to {path}", node, *changes)


def _agree(node: Node, file: Starved) -> Fix | None:
    """Let the rules take the daemon's facility; but `daemon` is everybody's, so there keepalived gets theirs."""
    title = f"fill {file.path} from what {file.flow.daemon} logs"
    if file.flow.facility != "daemon":
        changes = [edits.replace(word.part(0, len(file.facility)), file.flow.facility) for word in file.selectors]
        return Fix(title, [*changes], Applicability.UNSAFE)
    for last in node.startup.keepalived_options[-1:]:
        return Fix(title, [Edit(last.source, last.end, last.end, f" -S {file.facility[-1]}")], Applicability.UNSAFE)
    return None
