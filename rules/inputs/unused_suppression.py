"""HL110; its page is unused_suppression.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Severity
from halint.fixes import edits
from halint.registry import rules
from halint.selection import means
from halint.suppression import Suppression, SuppressionRule


class UnusedSuppression(SuppressionRule):
    """A suppression comment silences nothing."""

    code = "HL110"
    severity = Severity.WARNING

    def judge(self, suppression: Suppression) -> Iterator[Finding]:
        idle = [word for word in suppression.selectors if _is_idle(suppression, word.text)]
        if not idle:
            return
        names = ", ".join(word.text for word in idle)
        fixed = [word for word in suppression.selectors if word not in idle]
        edit = (
            suppression.removal()
            if not fixed
            else edits.replace(suppression.brackets(), ", ".join(word.text for word in fixed))
        )
        yield self.finding(
            f"this comment silences no finding of {names}, and would hide one that comes later; remove it",
            suppression.node,
            suppression if not fixed else idle[0],
            fix=Fix(f"remove {names}", [edit], Applicability.UNSAFE),
        )


def _is_idle(suppression: Suppression, selector: str) -> bool:
    """Whether `selector` met no finding, though every rule that it means could judge."""
    if selector in suppression.used or selector in suppression.undecided:
        return False
    return any(means(selector, rule) for rule in rules().values())
