"""HA133; its page is unexpected_argument.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class UnexpectedArgument(ComplaintRule):
    """A line of haproxy.cfg has words that its keyword does not take."""

    code = "HA133"
