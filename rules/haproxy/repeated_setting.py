"""HA148; its page is repeated_setting.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class RepeatedSetting(ComplaintRule):
    """A setting of haproxy.cfg stands twice, and haproxy keeps one of the two."""

    code = "HA148"
