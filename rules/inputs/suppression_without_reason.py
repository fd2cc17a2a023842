"""HL112; its page is suppression_without_reason.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.suppression import Suppression, SuppressionRule


class SuppressionWithoutReason(SuppressionRule):
    """A suppression comment does not say why."""

    code = "HL112"
    severity = Severity.INFO

    def judge(self, suppression: Suppression) -> Iterator[Finding]:
        if suppression.selectors and not suppression.reason:
            names = ", ".join(word.text for word in suppression.selectors)
            yield self.finding(
                f"nobody will know why {names} is silenced here; write the reason behind the bracket",
                suppression.node,
                suppression,
            )
