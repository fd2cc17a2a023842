"""VE106; its page is deprecated_keyword.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule
from halint.finding import Severity


class DeprecatedKeyword(ComplaintRule):
    """A keyword that a later version of haproxy will refuse."""

    code = "VE106"
    severity = Severity.WARNING
