"""KA113; its page is auth_ignored_by_version_or_strict.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import NO_PASSWORD, VrrpInstance
from halint.node import Node
from halint.rule import Rule


class AuthIgnoredByVersionOrStrict(Rule):
    """keepalived ignores the authentication block: VRRP version 3 and strict mode know none."""

    code = "KA113"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            why = instance.auth_ignored
            if why and why != NO_PASSWORD:
                yield self.finding(
                    f"{instance.name} sends and takes adverts without authentication on {node.name}: {why}; remove the "
                    "authentication block",
                    node,
                    instance.auth_type.at,
                    label="ignored",
                    fix=_fix(instance),
                )


def _fix(instance: VrrpInstance) -> Fix | None:
    statement = instance.auth_type.statement
    block = statement.parent if statement else None
    if block is None or not block.closed or not agreement.literal(block.words[0]):
        return None
    return Fix("remove the authentication block", [edits.remove(block)], Applicability.SAFE)
