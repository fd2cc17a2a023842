"""FW111; its page is bind_port_not_open.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.finding import Applicability, Finding, Fix, Location, Severity, Skipped
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.models.firewall import Packet
    from halint.models.haproxy import Proxy
    from halint.models.haproxy.listeners import Bind
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node

#: Of a wider range of ports only the ends are looked at.
_MAX_PORTS = 64


class BindPortNotOpen(Rule):
    """haproxy listens on a port that the node's firewall refuses."""

    code = "FW111"
    severity = Severity.ERROR

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        haproxy, keepalived = node.haproxy, node.keepalived
        if haproxy is None or keepalived is None or not keepalived.instances:
            return
        if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
            yield self.skip(node, "firewall")
            return
        if not node.firewall.active:
            return
        # What one line opens for several binds is one finding.
        found: dict[tuple[object, ...], list[tuple[Finding, Bind]]] = {}
        for proxy in haproxy.proxies:
            for bind in () if proxy.disabled else proxy.binds:
                local = bind.address is not None and address.is_loopback(bind.address)
                if bind.known and bind.certain and not local and bind.namespace is None:
                    for finding in self._judge(node, bind, keepalived.instances):
                        key = finding.message, *((place.source, place.start) for place in finding.related)
                        found.setdefault(key, []).append((finding, bind))
        for (finding, _), *others in found.values():
            finding.related += [Location(node, bind.word, "refused too") for _, bind in others]
            yield finding

    def _judge(self, node: Node, bind: Bind, instances: list[VrrpInstance]) -> Iterator[Finding]:
        places = _places(node, bind, instances)
        refused = [port for port in _ports(bind) if places and all(_is_refused(node, bind, port, p) for p in places)]
        if not refused:
            return
        packet = _packet(bind, refused[0], *places[0])
        answer = node.firewall.accepts(packet)
        ports = str(refused[0]) if len(refused) == 1 else f"{refused[0]}-{refused[-1]}"
        edits = node.firewall.allow(packet, [], ports)
        title = f"open port {ports}/{bind.protocol} on {node.name}"
        interfaces = ", ".join(dict.fromkeys(interface for interface, _, _ in places))
        closed = _is_for_operators(bind.proxy)
        who = "nobody reaches the statistics" if closed else "clients time out"
        yield self.finding(
            f"{who} on port {ports}/{bind.protocol} of {node.name}: {answer.reason}, on {interfaces}; {title}",
            node,
            bind.word,
            related=answer.places(node),
            fix=None if edits is None else Fix(title, edits, Applicability.DISPLAY if closed else Applicability.SAFE),
            severity=Severity.INFO if closed else None,
        )


def _places(node: Node, bind: Bind, instances: list[VrrpInstance]) -> list[tuple[str, int, str | None]]:
    """Where clients come in: interface, family, and the address that they ask for; empty where that is unknown.

    For a virtual address the interface of its instance, for one of the node's own the interface that has it, for a
    wildcard the interfaces of all instances: open on one of these is open enough.
    """
    found: list[tuple[str, int, str | None]] = []
    for instance in instances:
        for virtual in (*instance.addresses, *instance.excluded):
            device = virtual.device.text if virtual.device else instance.interface.value
            if device is None or virtual.address is None or virtual.family is None:
                return []
            wanted = bind.family in (None, virtual.family) if bind.wildcard else virtual.address == bind.address
            if wanted and bind.interface in (None, device):
                found.append((device, virtual.family, virtual.address))
    if not found and bind.address is not None and bind.family is not None:
        for interface, addresses in node.interfaces.addresses.items():
            if interface and any(address.canonical(text) == bind.address for text in addresses):
                found.append((interface, bind.family, bind.address))
    return list(dict.fromkeys(found))


def _ports(bind: Bind) -> list[int]:
    if bind.high - bind.low < _MAX_PORTS:
        return list(range(bind.low, bind.high + 1))
    return [bind.low, bind.high]


def _packet(bind: Bind, port: int, interface: str, family: int, destination: str | None) -> Packet:
    from halint.models.firewall import TCP, UDP, Packet

    protocol = UDP if bind.protocol == "udp" else TCP
    return Packet("in", protocol, family, destination=destination, port=port, interface=interface)


def _is_refused(node: Node, bind: Bind, port: int, place: tuple[str, int, str | None]) -> bool:
    return node.firewall.accepts(_packet(bind, port, *place)).verdict is False


def _is_for_operators(proxy: Proxy) -> bool:
    """Whether the proxy serves statistics alone, which a firewall may well keep from everybody else."""
    if proxy.servers or proxy.inherited("default_backend") or proxy.keyword("use_backend"):
        return False
    exporter = any("prometheus-exporter" in (word.text for word in s.words) for s in proxy.keyword("http-request"))
    return exporter or proxy.inherited("stats") is not None
