"""KA110; its page is preempt_delay_with_state_master_or_nopreempt.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule


class PreemptDelayWithStateMasterOrNopreempt(Rule):
    """keepalived clears preempt_delay, or does not take it."""

    code = "KA110"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            for word in instance.refused.get("preempt_delay", ()):
                yield self.finding(
                    f"{instance.name} preempts without delay on {node.name}: {word.text} is no number of seconds from "
                    "0 to 1000; correct it",
                    node,
                    word,
                )
            why = instance.preempt_delay_ignored
            if why:
                yield self.finding(
                    f"{instance.name} preempts without delay on {node.name}: keepalived clears preempt_delay, for "
                    f"{why}; remove one of them",
                    node,
                    instance.preempt_delay.at,
                    label="cleared",
                    fix=_fix(instance),
                )


def _fix(instance: VrrpInstance) -> Fix | None:
    statement = instance.preempt_delay.statement
    if not instance.nopreempt.value or statement is None or not agreement.literal(statement.words[0]):
        return None
    return Fix("remove preempt_delay", [edits.remove(statement)], Applicability.SAFE)
