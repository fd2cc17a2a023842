"""HA130; its page is unknown_keyword.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class UnknownKeyword(ComplaintRule):
    """A keyword that no version of haproxy knows, or a `no` before one that has no opposite."""

    code = "HA130"
