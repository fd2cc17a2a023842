"""VE103; its page is keepalived_keyword_too_new.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.wording import came, head
from halint.node import Node
from halint.rule import Rule
from halint.versions import show


class KeepalivedKeywordTooNew(Rule):
    """keepalived.conf has a keyword that the keepalived of the node does not know yet."""

    code = "VE103"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        if model is None or model.version is None:
            return
        for complaint in model.complaints:
            if complaint.kind not in ("too-new", "new-word") or complaint.keyword is None:
                continue
            block = complaint.kind == "too-new" and complaint.statement.body is not None
            yield self.finding(
                f"keepalived {show(model.version)} on {node.name} does not know {complaint.at_text} in "
                f"{head(complaint.opened)}, which came {self._when(complaint)}: it "
                f"{'drops the block' if block else 'ignores it'}; update keepalived, or do without",
                node,
                complaint.at,
                severity=Severity.ERROR if block else Severity.WARNING,
            )

    @staticmethod
    def _when(complaint: Complaint) -> str:
        keyword = complaint.keyword
        assert keyword is not None
        if complaint.kind == "too-new":
            return came(keyword.lifetime)
        return came(keyword.rest["words"][complaint.at_text])
