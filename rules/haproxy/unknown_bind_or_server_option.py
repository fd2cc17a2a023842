"""HA136; its page is unknown_bind_or_server_option.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class UnknownBindOrServerOption(ComplaintRule):
    """A bind or server line has an option that haproxy does not know."""

    code = "HA136"
