"""HA143; its page is no_listener.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

#: 3.5-dev5 accepts such files.
_STARTS_SINCE = (3, 5)


class NoListener(Rule):
    """Nothing in the files of haproxy listens, so it does not start."""

    code = "HA143"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        if haproxy is None or haproxy.may_listen or (haproxy.unloaded and not haproxy.files_known):
            return
        if haproxy.version is not None and haproxy.version[:2] >= _STARTS_SINCE:
            return
        first = haproxy.trees[0]
        yield self.finding(
            f"haproxy on {node.name} will not start: nothing in its files listens; add a `bind` somewhere",
            node,
            first.statements[0].words[0] if first.statements else Word(first.source, 0, 0, ""),
        )
