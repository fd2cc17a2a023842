"""VE101; its page is haproxy_removed_keyword.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.complaint_rule import ComplaintRule
from halint.finding import Finding, Severity
from halint.node import Node
from halint.versions import show


class HaproxyRemovedKeyword(ComplaintRule):
    """A keyword that haproxy used to know, or for whose sake an old haproxy is assumed."""

    code = "VE101"

    def check_node(self, node: Node) -> Iterator[Finding]:
        yield from super().check_node(node)
        haproxy = node.haproxy
        for complaint in haproxy.lowered_by if haproxy else ():
            assert haproxy is not None
            yield self.finding(
                f"{complaint.effect}, so {node.name} is judged as haproxy {show(haproxy.language)}: nothing says which "
                f"version runs; say it (--target haproxy=VERSION), or {complaint.cure}",
                node,
                complaint.word,
                severity=Severity.INFO,
            )
