"""LG111; its page is log_dir_missing_or_forbidden.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.models import logs
from halint.node import Node
from halint.rule import Rule

#: The folders that every machine has, or that everybody may write to.
_THERE = frozenset({"/var/log", "/var", "/var/lib", "/var/tmp", "/tmp", "/run", "/srv", "/opt", "/root", "/home"})
#: Where the user that a distribution made for rsyslogd may make folders.
_OWN = ("/var/log/", "/var/spool/rsyslog/", "/tmp/", "/var/tmp/")


class LogDirMissingOrForbidden(Rule):
    """rsyslogd makes no folder for a log file, or may not write to it."""

    code = "LG111"
    severity = Severity.WARNING
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        for path, (flow, word) in logs.files(node).items():
            folder = path.rpartition("/")[0]
            says, user = node.rsyslog.without_folders.get(path), node.rsyslog.user
            if says is not None and folder not in _THERE:
                why, cause = f"{folder} is there: rsyslogd is told not to make it; make it, or log to /var/log", says
            elif user is not None and user.text != "root" and not path.startswith(_OWN):
                may = f"{user.text} may write to {folder}"
                why, cause = f"{may}: rsyslogd does not run as root; see to it, or log below /var/log", user
            else:
                continue
            yield self.finding(
                f"what {flow.daemon} logs to {path} on {node.name} is lost unless {why}",
                node,
                word or flow.word,
                related=[Location(node, cause, "says so")],
            )
