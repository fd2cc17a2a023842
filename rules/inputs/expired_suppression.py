"""HL111; its page is expired_suppression.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.suppression import Suppression, SuppressionRule


class ExpiredSuppression(SuppressionRule):
    """The last day of a suppression comment is over."""

    code = "HL111"
    severity = Severity.WARNING

    def judge(self, suppression: Suppression) -> Iterator[Finding]:
        if suppression.expired:
            names = ", ".join(word.text for word in suppression.selectors) or "anything"
            yield self.finding(
                f"this comment no longer silences {names}: it ended with {suppression.until}; mend what it is about, "
                "or decide again"
                if suppression.is_date
                else f"this comment does not silence {names}: {suppression.until!r} is no date; write it as 2027-01-31",
                suppression.node,
                suppression,
            )
