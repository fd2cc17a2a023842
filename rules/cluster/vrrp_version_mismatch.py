"""KA204; its page is vrrp_version_mismatch.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits, Value
from halint.finding import Finding, Severity
from halint.fixes import edits
from halint.rule import Rule


class VrrpVersionMismatch(Rule):
    """Nodes that share a virtual address speak different versions of VRRP."""

    code = "KA204"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            values = [
                Value(member, str(version.value), version.at, version.word)
                for member in router.known
                for version in (member.instance.version,)
            ]
            for odd in agreement.dissent(values):
                yield self.finding(
                    f"{odd.node.name} and {odd.right.node.name} will both hold {router.name}, since each drops adverts "
                    f"of another version: {odd.node.name} speaks VRRP version {odd.text} and {odd.right.node.name} "
                    f"version {odd.right.text}; give both the same",
                    odd.node,
                    odd.at,
                    label=f"version {odd.text} on {odd.node.name}",
                    related=odd.related(),
                    fix=agreement.fix("the version of VRRP", values, _write),
                )


def _write(value: Value, right: Value) -> Edits | None:
    """Write the version of `right` for the instance alone; IPv6 takes 3 only."""
    instance = value.member.instance
    block, written = instance.statement, instance.version.statement
    if instance.family == 6 or not agreement.literal(value.word or block.words[0]):
        return None
    if value.word is not None and written is not None and written.keyword == "version":
        return [edits.replace(value.word, right.text)]
    return [edits.into(block, f"version {right.text}")]
