"""ST101; its page is log_facility_option_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Severity
from halint.node import Node
from halint.rule import Rule


class LogFacilityOptionMismatch(Rule):
    """The facility that keepalived is to log with is none that it knows."""

    code = "ST101"
    severity = Severity.WARNING
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        option = node.startup.keepalived_option("log-facility") if node.keepalived else None
        facility = node.startup.keepalived_facility
        if option is not None and facility.word and facility.value == "daemon" != option.text:
            yield self.finding(
                f"keepalived on {node.name} logs with the facility daemon, not {option.text}: -S takes a number from 0 "
                "to 7, for local0 to local7; write one",
                node,
                facility.word,
            )
