"""HA117; its page is httpchk_form_outdated_or_no_host.md."""

from __future__ import annotations

from halint.complaint_rule import ComplaintRule
from halint.finding import Severity


class HttpchkFormOutdatedOrNoHost(ComplaintRule):
    """`option httpchk` hides headers behind the HTTP version."""

    code = "HA117"
    severity = Severity.WARNING
