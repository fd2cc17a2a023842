"""HA134; its page is invalid_argument.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class InvalidArgument(ComplaintRule):
    """An argument in haproxy.cfg is not of the kind that its keyword takes."""

    code = "HA134"
