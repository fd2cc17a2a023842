"""HA139; its page is invalid_condition.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class InvalidCondition(ComplaintRule):
    """A condition that haproxy cannot read, or that never holds where it stands."""

    code = "HA139"
