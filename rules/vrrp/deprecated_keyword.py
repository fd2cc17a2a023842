"""KA149; its page is deprecated_keyword.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Severity
from halint.models.keepalived.language.keywords import keywords
from halint.models.keepalived.language.wording import renamed
from halint.node import Node
from halint.rule import Rule
from halint.versions import known


class DeprecatedKeyword(Rule):
    """keepalived.conf has a keyword that keepalived still takes, and has a better one for."""

    code = "KA149"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        for complaint in model.complaints if model else ():
            keyword = complaint.keyword
            if complaint.kind != "deprecated" or keyword is None or model is None:
                continue
            better = keywords(keyword.block).get(complaint.wanted)
            if better is not None and known(better.lifetime, model.version) is not True:
                continue
            fix = renamed(complaint, better.name, Applicability.SAFE) if better else None
            yield self.finding(
                f"{keyword.name} on {node.name} is deprecated and may go with the next version of keepalived; use "
                f"{complaint.wanted}",
                node,
                complaint.at,
                fix=fix,
                severity=Severity.WARNING if keyword.rest.get("said") else Severity.INFO,
            )
