"""HA137; its page is unknown_action.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class UnknownAction(ComplaintRule):
    """A rule of haproxy.cfg has an action that haproxy does not know."""

    code = "HA137"
