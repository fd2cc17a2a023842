"""LG110; its page is selector_invalid.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity
from halint.node import Node
from halint.rule import Rule


class SelectorInvalid(Rule):
    """rsyslogd does not understand a selector, a setting that it does not know (yet), or an input's ruleset."""

    code = "LG110"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        rsyslog = node.rsyslog
        for word, fault, whole in rsyslog.slips:
            why = f"no facility or priority is called {fault!r}" if fault else "a priority is missing in it"
            what = "writes nothing of" if whole else "does not read all of"
            yield self.finding(
                f"rsyslog on {node.name} {what} the selector {word.text}: {why}; correct it",
                node,
                word,
                severity=Severity.ERROR if whole else Severity.WARNING,
            )
        for word, name in rsyslog.unruled:
            yield self.finding(
                f"rsyslog on {node.name} puts what it takes here through its default rules: there is no ruleset "
                f"{name}; correct the name",
                node,
                word,
                severity=Severity.WARNING,
            )
        for word, meant in rsyslog.misspelled:
            yield self.finding(
                f"rsyslog on {node.name} ignores {word.text}: it knows no such setting; write {meant}",
                node,
                word,
                severity=Severity.WARNING,
            )
        lost = {
            _MODULES[flow.transport]
            for flow in node.flows
            if flow.received is False and (flow.transport == "udp" or flow.jailed)
        }
        for statement, module in rsyslog.early:
            if module in lost or not statement.source.path or not rsyslog.complete:
                continue
            loaded = rsyslog.modules.get(module)
            what = statement.keyword if statement.keyword.startswith("$") else "input"
            where = "only below it; move it up" if loaded is not None else "nowhere; load it before"
            yield self.finding(
                f"rsyslog on {node.name} ignores this {what}: {module}, which takes it, is loaded {where}",
                node,
                statement.words[0],
                related=[Location(node, loaded.words[0], "loaded here")]
                if loaded is not None and loaded.source.path
                else [],
                severity=Severity.WARNING,
            )


_MODULES = {"udp": "imudp", "tcp": "imtcp", "unix": "imuxsock"}
