"""CX103; its page is nonlocal_bind_missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster
from halint.cluster.virtual_router import Member
from halint.finding import Finding, Fix, Location, Severity, Skipped
from halint.fixes import parameters
from halint.models.haproxy.listeners import Bind
from halint.node import Node
from halint.rule import Rule

_DROP_IN = "90-nonlocal-bind.conf"
_WHY = "haproxy binds virtual addresses that this node does not hold at the moment"


class NonlocalBindMissing(Rule):
    """haproxy binds a virtual address, and the kernel lets it do so on the node that holds it alone."""

    code = "CX103"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for node, virtual in _virtual(cluster):
            fixed = node.haproxy.fixed_binds if node.haproxy is not None else []
            for family in (4, 6):
                binds = [bind for bind in fixed if bind.family == family and bind.address in virtual]
                if not binds:
                    continue
                setting = node.sysctl.value(_key(family))
                if setting.value is None:
                    yield self.skip(node, "sysctl")
                elif setting.value == "0":
                    yield self._report(node, family, binds, virtual)

    def _report(self, node: Node, family: int, binds: list[Bind], virtual: dict[str, Location]) -> Finding:
        first, written = binds[0], node.sysctl.value(_key(family)).word
        related = [Location(node, bind.word, "bound too") for bind in binds[1:]]
        related.append(virtual[first.address or ""])
        if written is not None:
            related.append(Location(node, written, "set here"))
        return self.finding(
            f"haproxy on {node.name} will not start while {node.name} does not hold {first.address} (cannot bind "
            f"socket): {_key(family)} is 0; set it to 1",
            node,
            first.word,
            related=related,
            fix=_fix(node, family),
        )


def _key(family: int) -> str:
    return f"net.ipv{family}.ip_nonlocal_bind"


def _virtual(cluster: Cluster) -> list[tuple[Node, dict[str, Location]]]:
    """Every node of a virtual router, with the addresses that it may hold or miss; in the order of the nodes."""
    found: dict[str, dict[str, Location]] = {}
    for router in cluster.virtual_routers:
        shared: dict[str, Location] = {}
        for member in router.members:
            shared = _addresses(member) | shared
        for member in router.members:
            known = found.get(member.node.name, {})
            found[member.node.name] = shared | _addresses(member) | known  # its own line first
    return [(node, found[node.name]) for node in cluster.nodes if node.name in found]


def _addresses(member: Member) -> dict[str, Location]:
    """The addresses that an instance sets, each with its first line."""
    found: dict[str, Location] = {}
    for line in (*member.instance.addresses, *member.instance.excluded):
        if line.address is not None:
            found.setdefault(line.address, Location(member.node, line.word, "the virtual address"))
    return found


def _fix(node: Node, family: int) -> Fix | None:
    """Set the key where it is set to 0, else beside that of the other family, else in a drop-in of its own."""
    return parameters.fix(node, _key(family), "1", name=_DROP_IN, why=_WHY, beside=_key(10 - family))
