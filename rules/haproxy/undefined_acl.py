"""HA106; its page is undefined_acl.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule


class UndefinedAcl(ComplaintRule):
    """A condition asks an ACL that is not declared before it."""

    code = "HA106"
