"""FW118; its page is firewall_rules_not_loaded.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, adverts
from halint.cluster.closed_ports import Closed, ports_to_close
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.node import Node
from halint.rule import Rule


class FirewallRulesNotLoaded(Rule):
    """The rules that were in force when they were captured judge adverts, or clients of haproxy, otherwise than the
    files that load them."""

    code = "FW118"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for refusal in adverts.refusals(cluster):
            if refusal.cause == adverts.NOT_LOADED:
                firewall = refusal.node.firewall
                written = firewall.written(refusal.packet)
                load = "load them" if firewall.firewalld is None else "reload firewalld"
                yield self._report(
                    refusal,
                    f"{adverts.effect(refusal)}: {firewall.witness} had rules that refuse "
                    f"{adverts.protocol_name(refusal)} when they were captured, and the files accept it; {load}",
                    [*refusal.answer.places(refusal.node), *written.places(refusal.node)],
                    None,
                )
        for refusal in adverts.refusals_to_come(cluster):
            node, title = refusal.node, f"accept {adverts.protocol_name(refusal)} on {refusal.node.name}"
            edits = node.firewall.allow_written(refusal.packets, refusal.sources)
            yield self._report(
                refusal,
                f"{_when(node)}, {adverts.effect(refusal)}: {node.firewall.witness} had rules that accept it when they "
                f"were captured, and in the files {refusal.answer.reason}; {title} there, too",
                refusal.answer.places(node),
                None if edits is None else Fix(title, edits, Applicability.SAFE),
            )
        for node in cluster.nodes:
            if "firewall" in node.collected and node.firewall.captured is not None and node.firewall.starts:
                found: dict[str, Closed] = {}
                for closed in ports_to_close(node):
                    found.setdefault(closed.name, closed)
                yield from (self._report_port(node, closed) for closed in found.values())

    def _report(self, refusal: adverts.Refusal, message: str, related: list[Location], fix: Fix | None) -> Finding:
        severity = Severity.WARNING if refusal.harmless else Severity.ERROR
        at = refusal.members[0].instance.interface.at
        return self.finding(message, refusal.node, at, related=related, fix=fix, severity=severity)

    def _report_port(self, node: Node, closed: Closed) -> Finding:
        edits = node.firewall.allow_written(closed.packets, [], closed.ports)
        title = f"open {closed.name} on {node.name}"
        hidden = closed.for_operators
        who = "nobody reaches the statistics" if hidden else "clients time out"
        return self.finding(
            f"{_when(node)}, {who} on {closed.name} of {node.name}: {node.firewall.witness} had rules that let them in "
            f"when they were captured, and in the files {closed.answer.reason}; {title} there, too",
            node,
            closed.bind.word,
            related=closed.answer.places(node),
            fix=None if edits is None else Fix(title, edits, Applicability.DISPLAY if hidden else Applicability.SAFE),
            severity=Severity.INFO if hidden else None,
        )


def _when(node: Node) -> str:
    of = "next start of its firewall" if node.firewall.firewalld is None else "next reload of firewalld"
    return f"from the {of} on"
