"""LG109; its page is rule_order_duplicates_to_messages.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class RuleOrderDuplicatesToMessages(Rule):
    """haproxy's requests are written to a file of their own and to everybody's, too."""

    code = "LG109"
    severity = Severity.INFO
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        reported: set[Word] = set()
        for flow in node.flows:
            if flow.daemon != "haproxy" or flow.received is False or len(flow.of_requests) < 2:
                continue
            common = flow.everybodys
            paths = [path for path, _ in flow.of_requests]
            own = [(path, word) for path, word in flow.of_requests if path not in common and word is not None]
            shared = [path for path in paths if path in common]
            if not own or not shared or own[-1][1] in reported:
                continue
            path, word = own[-1]
            reported.add(word)
            before = paths.index(path) < paths.index(shared[0])
            cure = (
                "end it with `& stop`" if before else f"put it before the rule of {shared[0]}, and end it with `& stop`"
            )
            yield self.finding(
                f"every request of haproxy on {node.name} is written twice, to {path} and to {shared[0]}: {cure}",
                node,
                word,
                fix=_stop(node, word) if before else None,
            )


def _stop(node: Node, word: Word) -> Fix | None:
    """End the messages behind the action that writes to `word`; None where no filter governs it."""
    action = node.rsyslog.action(word)
    if action is None or action.parent is None:
        return None
    braced = action.parent.closed and action.parent.body_end > action.end
    line = "stop" if braced else "& stop"
    return Fix("end the message there", [edits.after(action, line)], Applicability.SAFE)
