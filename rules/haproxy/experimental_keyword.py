"""HA149; its page is experimental_keyword.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class ExperimentalKeyword(ComplaintRule):
    """An experiment that no `expose-experimental-directives` before it allows."""

    code = "HA149"
