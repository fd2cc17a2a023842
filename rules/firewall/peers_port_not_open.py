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

#: Of a node in a peers section: the address and port that it listens on, and where they stand.
Peer = tuple[str, int, Word]


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
            for section, (host, port, word) in listening[one].items():
                if section not in listening[other]:
                    continue
                there, far, elsewhere = listening[other][section]
                # One session is enough for both, whoever opened it.
                refused = [(one, _connection(one, there, host, port), word)]
                refused += [(other, _connection(other, host, there, far), elsewhere)]
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
    """What `node` itself listens on, by the name of the section."""
    found: dict[str, Peer] = {}
    names = {node.name, node.interfaces.hostname or node.name}
    for section in node.haproxy.sections_of("peers") if node.haproxy is not None else ():
        for line in section.body if section.certain else ():
            name, word = line.argument(), line.argument(1)
            if line.keyword in ("peer", "server") and name is not None and name.text in names and word is not None:
                host, _, port = word.text.rpartition(":")
                plain = address.canonical(host.removeprefix("[").removesuffix("]"))
                if plain is not None and not address.is_loopback(plain) and port.isdigit() and len(port) < 6:
                    found[section.name] = plain, int(port), word
    return found


def _connection(node: Node, source: str, host: str, port: int) -> Packet:
    """How the peer at `source` connects to `node`."""
    from halint.models.firewall import TCP, Packet

    known = node.interfaces.addresses.items()
    interfaces = [name for name, all_ in known if name and any(address.canonical(one) == host for one in all_)]
    interface = interfaces[0] if len(interfaces) == 1 else None
    family = address.family(host) or 4
    return Packet("in", TCP, family, source=source, destination=host, port=port, interface=interface)
