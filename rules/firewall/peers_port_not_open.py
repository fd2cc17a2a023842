"""FW113; its page is peers_port_not_open.md."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from halint import address
from halint.cluster import Cluster
from halint.finding import Applicability, Finding, Fix, Severity, Skipped
from halint.node import Node
from halint.rule import Rule
from halint.tree import Word

if TYPE_CHECKING:
    from halint.models.firewall import Packet
    from halint.models.haproxy.ports import Peer


class PeersPortNotOpen(Rule):
    """The peers of a stick table refuse each other's connections."""

    code = "FW113"
    severity = Severity.WARNING
    oracle = "none"

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        listening = {node: _peers(node) for node in cluster.nodes}
        judged = []
        for node in [node for node in cluster.nodes if listening[node]]:
            if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
                yield self.skip(node, "firewall")
            else:
                judged.append(node)
        for one, other in combinations(judged, 2):
            for section, here in listening[one].items():
                there = listening[other].get(section)
                if there is None:
                    continue
                # One session is enough for both, whoever opened it.
                refused = [(one, _connection(one, there.host, here), here.word)]
                refused += [(other, _connection(other, here.host, there), there.word)]
                if all(node.firewall.accepts(packet).verdict is False for node, packet, _ in refused):
                    yield from (self._report(*each, {one: other, other: one}[each[0]]) for each in refused)

    def _report(self, node: Node, packet: Packet, at: Word, other: Node) -> Finding:
        answer, source = node.firewall.accepts(packet), packet.source or ""
        made = node.firewall.allow([packet], [source], str(packet.port))
        title = f"open port {packet.port}/tcp on {node.name} for {source}"
        return self.finding(
            f"{node.name} and {other.name} never share their stick tables, since neither lets the other in: on "
            f"{node.name} {answer.reason}; {title}",
            node,
            at,
            related=answer.places(node),
            fix=None if made is None else Fix(title, made, Applicability.SAFE),
        )


def _peers(node: Node) -> dict[str, Peer]:
    """What others reach `node` at, by the name of the section."""
    if node.haproxy is None or not node.haproxy.sections_of("peers"):
        return {}
    from halint.models.haproxy import ports

    return {peer.section: peer for peer in ports.own_peers(node) if not address.is_loopback(peer.host)}


def _connection(node: Node, source: str, at: Peer) -> Packet:
    """How the peer at `source` connects to `node`, which waits `at` its address."""
    from halint.models.firewall import TCP, Packet

    known = node.interfaces.addresses.items()
    interfaces = [name for name, all_ in known if name and any(address.canonical(one) == at.host for one in all_)]
    interface = interfaces[0] if len(interfaces) == 1 else None
    family = address.family(at.host) or 4
    return Packet("in", TCP, family, source=source, destination=at.host, port=at.port, interface=interface)
