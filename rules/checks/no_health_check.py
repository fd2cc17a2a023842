"""KA403; its page is no_health_check.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import health
from halint.finding import Applicability, Create, Edit, Finding, Fix, Location, Severity, Skipped
from halint.fixes import edits
from halint.models.check_script import of_command
from halint.models.keepalived import Keepalived
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule

#: No weight: FAULT state, so that the address moves whatever the priorities. pgrep stands there on every distribution.
_CHECK = (
    "vrrp_script check_haproxy {",
    '    script "/usr/bin/pgrep -x haproxy"',
    "    interval 2",
    "    fall 2",
    "    rise 2",
    "    user root",
    "}",
    "",
)


class NoHealthCheck(Rule):
    """haproxy serves the virtual addresses, and nothing that keepalived tracks looks at haproxy."""

    code = "KA403"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        model = node.keepalived
        if model is None:
            return
        found = [(instance, bind) for instance in model.instances if (bind := health.unwatched(node, instance))]
        bound = health.bound_to_haproxy(node)
        if not found or bound or health.untracked(model):  # untracked: KA404
            return
        if model.missing_includes:
            yield self.skip(node, "keepalived")
            return
        first, bind = found[0]
        related = [Location(node, bind.word, "haproxy serves it here")]
        related += [Location(node, other.head, "nor here") for other, _ in found[1:]]
        addresses = ", ".join(dict.fromkeys(a.text for instance, _ in found for a in instance.advertised))
        excuse = "" if bound is False else ", unless a unit binds keepalived to haproxy"
        yield self.finding(
            f"{addresses} will stay on {node.name} when haproxy dies there: nothing that keepalived tracks looks at "
            f"haproxy; track a check of it{excuse}",
            node,
            first.head,
            label="no check of haproxy",
            related=related,
            fix=_fix(node, model, [instance for instance, _ in found]),
        )


def _fix(node: Node, model: Keepalived, instances: list[VrrpInstance]) -> Fix:
    """Track a check of haproxy in `instances`: one that is defined before them, or a new one."""
    known = [
        script.name
        for script in model.scripts
        if of_command(node, script.command).looks_at_haproxy and health.defined_before(model, script, instances)
    ]
    name = known[0] if known else "check_haproxy"
    changes: list[Edit | Create] = [health.track(instance, "track_script", name) for instance in instances]
    if not known:
        changes.append(edits.before(instances[0].statement, *_CHECK))
    return Fix(f"track {name} in {', '.join(i.name for i in instances)}", changes, Applicability.UNSAFE)
