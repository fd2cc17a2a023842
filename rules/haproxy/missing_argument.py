"""HA132; its page is missing_argument.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class MissingArgument(ComplaintRule):
    """A keyword of haproxy.cfg lacks an argument."""

    code = "HA132"
