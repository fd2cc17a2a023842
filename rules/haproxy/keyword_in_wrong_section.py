"""HA131; its page is keyword_in_wrong_section.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class KeywordInWrongSection(ComplaintRule):
    """A keyword stands in a section where haproxy refuses it."""

    code = "HA131"
