"""HA135; its page is argument_out_of_range.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class ArgumentOutOfRange(ComplaintRule):
    """A number or time in haproxy.cfg is beyond what its keyword takes."""

    code = "HA135"
