"""KA119; its page is mixed_address_families.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.virtual_router import across_families
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.keepalived import unicast
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.models.keepalived.vrrp import VrrpInstance
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word


class MixedAddressFamilies(Rule):
    """An instance has IPv4 and IPv6 addresses, so keepalived drops those of one family."""

    code = "KA119"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        # Moved to virtual_ipaddress_excluded of two virtual routers, an address would be on both nodes (KA216).
        divided = {member.instance for pair in across_families(cluster.virtual_routers) for member in pair}
        for node in cluster.nodes:
            yield from self._check_node(node, divided)

    def _check_node(self, node: Node, divided: set[VrrpInstance]) -> Iterator[Finding]:
        for instance in node.instances:
            for line in instance.addresses:
                if line.family not in (None, instance.family) and not line.dropped:
                    effect = f"{node.name} will never hold {line.text}"
                    fix = None if instance in divided else _fix(instance, line)
                    yield self._report(effect, node, instance, line.word, fix)
            for word in instance.unicast_peers:
                if _is_other(word, instance):
                    yield self._report(f"{node.name} sends no adverts to {word.text}", node, instance, word)
            for source in (instance.unicast_src_ip.word, instance.mcast_src_ip.word):
                if source is not None and _is_other(source, instance):
                    effect = f"{node.name} does not send from {source.text}"
                    yield self._report(effect, node, instance, source)

    def _report(self, effect: str, node: Node, instance: VrrpInstance, word: Word, fix: Fix | None = None) -> Finding:
        return self.finding(
            f"{effect}: {instance.name} is an IPv{instance.family} instance by the first address in it; give the other "
            "family an instance of its own",
            node,
            word,
            label=f"not IPv{instance.family}",
            related=[Location(node, instance.first_address or word, f"makes it IPv{instance.family}")],
            fix=fix,
        )


def _is_other(word: Word, instance: VrrpInstance) -> bool:
    return unicast.is_host(word) and not unicast.is_host(word, instance.family)


def _fix(instance: VrrpInstance, line: VirtualAddress) -> Fix | None:
    """Set it beside the others, where both families may stand; whoever holds these holds it, too."""
    statement = line.statement
    if not all(agreement.literal(word) for word in (*statement.words, instance.statement.words[0])):
        return None
    text = " ".join(word.raw for word in statement.words)
    block = edits.into(instance.statement, "virtual_ipaddress_excluded {", f"    {text}", "}")
    return Fix("move it to virtual_ipaddress_excluded", [edits.remove(statement), block], Applicability.UNSAFE)
