"""KA404; its page is script_defined_not_tracked.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Applicability, Finding, Fix, Severity, Skipped
from halint.models.keepalived import TRACKERS
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class ScriptDefinedNotTracked(Rule):
    """A check is defined, and nothing tracks it, so it never runs."""

    code = "KA404"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        model = node.keepalived
        untracked = health.untracked(model) if model is not None and model.instances else []
        if model is None or not untracked:
            return
        if model.missing_includes:
            yield self.skip(node, "keepalived")
            return
        bare = [instance for instance in model.instances if not _watched(instance)]
        names = ", ".join(instance.name for instance in bare)
        served = ", ".join(a.text for i in bare if health.unwatched(node, i) for a in i.advertised)
        if served:
            consequence, severity = f"{served} will stay on {node.name} when haproxy dies there", Severity.ERROR
        elif bare:
            consequence, severity = f"{names} will not notice any failure", Severity.WARNING
        else:
            blind = ", ".join(instance.name for instance in model.instances if not _runs_checks(instance))
            consequence = f"what {blind} tracks instead is not defined" if blind else "other checks are tracked"
            severity = Severity.INFO
        for tracker in untracked:
            keyword = TRACKERS[tracker.statement.keyword]
            fix = None
            if bare and health.defined_before(model, tracker, bare):
                changes = [health.track(instance, keyword, tracker.name) for instance in bare]
                fix = Fix(f"track {tracker.name} in {names}", [*changes], Applicability.UNSAFE)
            yield self.finding(
                f"{tracker.name} never runs on {node.name}, since nothing tracks it, and {consequence}; "
                f"name it in a {keyword} block, or remove it",
                node,
                tracker.head,
                label="never runs",
                fix=fix,
                severity=severity,
            )


def _watched(instance: VrrpInstance) -> bool:
    return any(tracked.kind != "interface" for tracked in instance.tracked)


def _runs_checks(instance: VrrpInstance) -> bool:
    return any(tracked.tracker is not None for tracked in instance.tracked)
