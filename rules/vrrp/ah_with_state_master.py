"""KA153; its page is ah_with_state_master.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import agreement
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.keepalived.vrrp import OWNER_PRIORITY
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class AhWithStateMaster(Rule):
    """An instance with authentication by AH is to start as MASTER, and starts as BACKUP."""

    code = "KA153"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for instance in node.instances:
            state, kind = instance.state.word, instance.authentication[0]
            if kind != "AH" or state is None or state.text != "MASTER" or instance.priority.value == OWNER_PRIORITY:
                continue
            yield self.finding(
                f"{instance.name} starts as BACKUP on {node.name}: with AH it has to hear the sequence number of the "
                "others first; write state BACKUP",
                node,
                state,
                related=[Location(node, instance.auth_type.at, "AH")],
                fix=_fix(state),
            )


def _fix(word: Word) -> Fix | None:
    if not agreement.literal(word):
        return None
    return Fix("write BACKUP", [edits.replace(word, "BACKUP")], Applicability.SAFE)
