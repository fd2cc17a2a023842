"""VE104; its page is version_default_change.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.haproxy import Haproxy
from halint.node import Node
from halint.rule import Rule

#: From this version of haproxy on, a `bind` with ssl takes no TLS below 1.2 unless it says otherwise.
_TLS_12 = (2, 2)
_MINIMUM = frozenset({"ssl-min-ver", "force-sslv3", "force-tlsv10", "force-tlsv11", "force-tlsv12", "force-tlsv13"})


class VersionDefaultChange(Rule):
    """A line relies on a default that the next version of haproxy has changed."""

    code = "VE104"
    severity = Severity.INFO

    def check_node(self, node: Node) -> Iterator[Finding]:
        version = node.targets.haproxy
        if node.haproxy is None or version is None or version >= _TLS_12 or _says(node.haproxy):
            return
        for bind in node.haproxy.certain_binds:
            if bind.secured and _MINIMUM.isdisjoint(bind.options):
                yield self.finding(
                    f"old clients of {bind.proxy.name} will be turned away by haproxy 2.2 and later: on {node.name} it "
                    "takes TLS 1.0 and 1.1, since nothing says otherwise, and from 2.2 on 1.2 is the least; say "
                    "which is meant with ssl-min-ver",
                    node,
                    bind.word,
                )
                return


def _says(haproxy: Haproxy) -> bool:
    """Whether a global section names the least version for all binds."""
    lines = (line for section in haproxy.globals for line in section.statements("ssl-default-bind-options"))
    return any(
        word.text in _MINIMUM or word.text in ("no-tlsv10", "no-tlsv11") for line in lines for word in line.arguments
    )
