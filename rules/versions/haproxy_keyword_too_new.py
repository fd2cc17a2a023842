"""VE102; its page is haproxy_keyword_too_new.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class HaproxyKeywordTooNew(ComplaintRule):
    """A keyword that only later versions of haproxy know."""

    code = "VE102"
