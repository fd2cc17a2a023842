"""KA109; its page is nopreempt_with_state_master.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import OWNER_PRIORITY, VrrpInstance
from halint.node import Node
from halint.rule import Rule


class NopreemptWithStateMaster(Rule):
    """keepalived clears nopreempt, since the initial state is MASTER or the priority is an owner's."""

    code = "KA109"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            word = instance.nopreempt.word
            if instance.nopreempt.value or word is None or word.text != "nopreempt":
                continue
            if instance.priority.value == OWNER_PRIORITY:
                why = f"an address owner, with priority {OWNER_PRIORITY}, always preempts; lower the priority"
                cause = instance.priority.at
            else:
                why = "it does not work with the initial state MASTER; write state BACKUP"
                cause = instance.state.at
            yield self.finding(
                f"{instance.name} on {node.name} will take its addresses back from nodes of lower priority: keepalived "
                f"clears nopreempt, for {why}",
                node,
                word,
                label="cleared",
                related=[Location(node, cause, "the reason")],
                fix=_fix(instance),
            )


def _fix(instance: VrrpInstance) -> Fix | None:
    word = instance.state.word
    if instance.priority.value == OWNER_PRIORITY or word is None or not agreement.literal(word):
        return None
    return Fix("start as BACKUP", [edits.replace(word, "BACKUP")], Applicability.SAFE)
