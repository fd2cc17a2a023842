"""The base of every rule. A rule is one file of rules/GROUP/ with its page beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from halint.finding import Finding, Fix, Located, Location, Severity, Skipped
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.node import Node


class Rule:
    """One check. The class docstring is the summary; the page is the documentation.

    code: the catalogue's. name: the file's, with hyphens, and group: its folder (set by the registry).
    severity: of its findings, unless a finding says another.
    oracle: who judges it: "haproxy-c", "keepalived-t", "lab" or "none".
    between_clusters: whether it compares clusters, so that its findings depend on what else is checked.
    ignorable: False where a suppression comment must not silence it (syntax errors).
    """

    code: ClassVar[str]
    severity: ClassVar[Severity]
    oracle: ClassVar[str] = "none"
    between_clusters: ClassVar[bool] = False
    ignorable: ClassVar[bool] = True
    name: str = ""
    group: str = ""

    @property
    def compares_nodes(self) -> bool:
        """Whether it looks at the nodes of a cluster together."""
        plain: object = Rule.check.__get__(self)
        return self.check != plain

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        """Yield what is wrong in `cluster`, and the nodes that could not be judged."""
        for node in cluster.nodes:
            yield from self.check_node(node)

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        """Yield what is wrong on `node` alone; for rules that do not compare nodes."""
        raise NotImplementedError

    def finding(
        self,
        message: str,
        node: Node | None,
        at: Located,
        *,
        label: str = "",
        related: list[Location] | None = None,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        severity = self.severity if severity is None else severity
        if "\\udc" in message:  # a byte that is no UTF-8, in what was quoted by repr()
            message = compiled(r"\\udc([89a-f][0-9a-f])").sub(lambda byte: f"\\x{byte[1]}", message)
        return Finding(self.code, self.name, severity, message, Location(node, at, label), related, fix)

    def skip_unknown(self, node: Node, *wanted: str) -> Iterator[Skipped]:
        """That `node` cannot be judged, where some of the families `wanted` were not collected."""
        missing = [family for family in wanted if family not in node.collected]
        if missing:
            yield self.skip(node, *missing)

    def skip(self, node: Node, *missing: str) -> Skipped:
        """`node` cannot be judged: the families `missing` were not collected."""
        return Skipped(self.code, node, missing)
