"""FW118; its page is firewall_rules_not_loaded.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, adverts
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.rule import Rule


class FirewallRulesNotLoaded(Rule):
    """What the kernel had for rules when they were captured judges adverts otherwise than the files that load them."""

    code = "FW118"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for refusal in adverts.refusals(cluster):
            if refusal.cause == adverts.NOT_LOADED:
                written = refusal.node.firewall.written(refusal.packet)
                yield self._report(
                    refusal,
                    f"{adverts.effect(refusal)}: the kernel had rules that refuse {adverts.protocol_name(refusal)} "
                    "when they were captured, and the files accept it; load them",
                    [*refusal.answer.places(refusal.node), *written.places(refusal.node)],
                    None,
                )
        for refusal in adverts.refusals_to_come(cluster):
            node, title = refusal.node, f"accept {adverts.protocol_name(refusal)} on {refusal.node.name}"
            edits = node.firewall.allow_written(refusal.packets, refusal.sources)
            yield self._report(
                refusal,
                f"from the next start of its firewall on, {adverts.effect(refusal)}: the kernel had rules that accept "
                f"it when they were captured, and in the files {refusal.answer.reason}; {title} there, too",
                refusal.answer.places(node),
                None if edits is None else Fix(title, edits, Applicability.SAFE),
            )

    def _report(self, refusal: adverts.Refusal, message: str, related: list[Location], fix: Fix | None) -> Finding:
        severity = Severity.WARNING if refusal.harmless else Severity.ERROR
        at = refusal.members[0].instance.interface.at
        return self.finding(message, refusal.node, at, related=related, fix=fix, severity=severity)
