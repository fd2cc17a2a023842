"""SY101; its page is ip_nonlocal_bind_differs_across_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint import address
from halint.cluster import Cluster
from halint.finding import Finding, Located, Location, Severity, Skipped
from halint.fixes import parameters
from halint.models.sysctl import Value
from halint.node import Node
from halint.rule import Rule


class IpNonlocalBindDiffersAcrossNodes(Rule):
    """One node lets programs bind addresses that it does not have, and another does not."""

    code = "SY101"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        families = {
            family for router in cluster.virtual_routers for vip in router.vips if (family := address.family(vip))
        }
        nodes = [node for node in cluster.nodes if node.instances]
        for family in sorted(families):
            key = f"net.ipv{family}.ip_nonlocal_bind"
            values = [(node, node.sysctl.value(key)) for node in nodes]
            able = next(((node, value) for node, value in values if value.value not in (None, "0")), None)
            for node, value in values:
                if value.value is None:
                    yield self.skip(node, "sysctl")
                elif able is not None and value.value == "0" and not _binds(node, family):  # where one does: CX103
                    yield self.report(node, value, key, *able)

    def report(self, node: Node, value: Value, key: str, other: Node, right: Value) -> Finding:
        return self.finding(
            f"what binds a virtual address starts on {other.name}, and fails on {node.name} while that does not hold "
            f"it: {key} is {right.value} there and 0 here; set it to 1 on both",
            node,
            _where(node, value),
            related=[Location(other, _where(other, right), f"on {other.name}")],
            fix=parameters.fix(node, key, "1", name="90-nonlocal-bind.conf", why="As on the other nodes"),
        )


def _where(node: Node, value: Value) -> Located:
    """Where the value is set; the first instance, where nothing sets it."""
    return node.instances[0].head if value.word is None else value.word


def _binds(node: Node, family: int) -> bool:
    """Whether haproxy certainly binds a virtual address of the family by itself."""
    vips = {vip for instance in node.instances for vip in instance.all_vips}
    binds = node.haproxy.fixed_binds if node.haproxy is not None else []
    return any(bind.family == family and bind.address in vips for bind in binds)
