"""HA140; its page is invalid_acl.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class InvalidAcl(ComplaintRule):
    """An ACL whose name, flags or patterns haproxy does not take."""

    code = "HA140"
