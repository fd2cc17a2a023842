"""HL113; its page is unknown_code_in_suppression.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.registry import rules
from halint.selection import means
from halint.suppression import Suppression, SuppressionRule


class UnknownCodeInSuppression(SuppressionRule):
    """A suppression comment names no rule."""

    code = "HL113"
    severity = Severity.WARNING

    def judge(self, suppression: Suppression) -> Iterator[Finding]:
        if not suppression.selectors:
            message = "this comment silences nothing: it names no rule; write halint: ignore[CODE] and the reason"
            yield self.finding(message, suppression.node, suppression)
        for word in suppression.selectors:
            if not any(means(word.text, rule) for rule in rules().values()):
                yield self.finding(
                    f"{word.text} is no rule, so this silences nothing; `halint rules` lists the codes and names",
                    suppression.node,
                    word,
                )
