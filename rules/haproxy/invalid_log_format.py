"""HA141; its page is invalid_log_format.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class InvalidLogFormat(ComplaintRule):
    """A log format with a tag or an expression that haproxy does not take."""

    code = "HA141"
