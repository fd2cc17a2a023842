"""VE101; its page is haproxy_removed_keyword.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class HaproxyRemovedKeyword(ComplaintRule):
    """A keyword that haproxy used to know."""

    code = "VE101"
