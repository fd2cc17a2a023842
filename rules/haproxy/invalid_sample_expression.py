"""HA138; its page is invalid_sample_expression.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class InvalidSampleExpression(ComplaintRule):
    """A fetch or a converter that haproxy does not have, or that it cannot use as it is written."""

    code = "HA138"
