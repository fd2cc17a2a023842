"""HA126; its page is missing_final_newline_or_crlf.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.fixes.edits import newline
from halint.node import Node
from halint.rule import Rule
from halint.source import Source
from halint.tree import Word

_WARNS, _REFUSES = (2, 2), (2, 3)


class MissingFinalNewlineOrCrlf(Rule):
    """The last line does not end, or a byte order mark stands before the first."""

    code = "HA126"
    severity = Severity.ERROR
    oracle = "haproxy-c"

    def check_node(self, node: Node) -> Iterator[Finding]:
        haproxy = node.haproxy
        for source in haproxy.sources if haproxy else ():
            if source.text.startswith("\ufeff"):
                yield self._byte_order_mark(node, source)
            if source.text and not source.text.endswith("\n"):
                yield from self._last_line(node, source)

    def _byte_order_mark(self, node: Node, source: Source) -> Finding:
        return self.finding(
            f"haproxy on {node.name} will not start: it takes the byte order mark before the first line for part of "
            "its first word; remove it",
            node,
            Word(source, 0, 1),
            fix=Fix("remove the byte order mark", [Edit(source, 0, 1, "")], Applicability.SAFE),
        )

    def _last_line(self, node: Node, source: Source) -> Iterator[Finding]:
        version = node.targets.haproxy
        if version is not None and version[:2] < _WARNS:
            return
        refused = version is None or version[:2] >= _REFUSES
        effect = (
            f"haproxy on {node.name} will not start: since 2.3 it refuses"
            if refused
            else "haproxy warns of, and from 2.3 on refuses,"
        )
        end = len(source.text)
        yield self.finding(
            f"{effect} a last line without a newline; add it, unless the file has been cut off",
            node,
            Word(source, source.line_start(end), end),
            fix=Fix("end the last line", [Edit(source, end, end, newline(source))], Applicability.SAFE),
            severity=Severity.ERROR if refused else Severity.WARNING,
        )
