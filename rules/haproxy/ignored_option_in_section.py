"""HA128; its page is ignored_option_in_section.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule
from halint.finding import Severity


class IgnoredOptionInSection(ComplaintRule):
    """A keyword stands in a section where haproxy ignores it."""

    code = "HA128"
    severity = Severity.WARNING
    tolerated = "ignores"
