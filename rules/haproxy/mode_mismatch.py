"""HA115; its page is mode_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models.haproxy.modes import ignored, refusals
from halint.node import Node
from halint.rule import Rule


class ModeMismatch(Rule):
    """A proxy in one mode refers to a backend in the other, or has lines of the other."""

    code = "HA115"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        if node.haproxy is None:
            return
        for refusal in refusals(node.haproxy):
            yield self.finding(
                f"haproxy on {node.name} will not start: {refusal.because}; give both the same mode",
                node,
                refusal.word,
                related=[Location(node, other, "in mode tcp") for other in refusal.others],
            )
        for line in ignored(node.haproxy):
            first, more = line.proxies[0], len(line.proxies) - 1
            also = f" and {more} more" if more else ""
            cure = "remove it" if line.own else "move it to where mode http is"
            yield self.finding(
                f"haproxy on {node.name} will {line.effect} in {first.kind} {first.name}{also}, in mode tcp: "
                f"set mode http there, or {cure}",
                node,
                line.word,
                related=[Location(node, proxy.head, "in mode tcp") for proxy in line.proxies],
                severity=Severity.WARNING if line.own else Severity.INFO,
            )
