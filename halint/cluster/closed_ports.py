"""The ports of haproxy that a node's firewall refuses to its clients: what FW110, FW111 and FW118 report.

For a virtual address clients come in by the interface of its instance, for one of the node's own by the interface
that has it, for a wildcard by the interfaces of all instances: open on one of these is open enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.light import lru_cache
from halint.models.haproxy.ports import within

if TYPE_CHECKING:
    from collections.abc import Callable

    from halint.models.firewall import Answer, Packet
    from halint.models.haproxy import Proxy
    from halint.models.haproxy.listeners import Bind
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node

    Judge = Callable[[Packet], Answer]

#: Where a packet comes in: interface, family, and the address that it is for.
Place = tuple[str, int, str | None]


class Closed:
    """Ports of one bind that the firewall refuses on all interfaces by which clients come.

    packets: one for each port and place. answer: what the firewall says of the first. ports: `80` or `8001-8002`.
    for_operators: whether the proxy serves statistics alone, which a firewall may well keep from everybody else.
    """

    __slots__ = ("answer", "bind", "for_operators", "interfaces", "packets", "ports")

    def __init__(self, bind: Bind, ports: list[int], places: list[Place], judge: Judge) -> None:
        self.bind = bind
        self.packets = [packet_to(bind, port, *place) for port in ports for place in places]
        self.answer = judge(self.packets[0])
        self.ports = str(ports[0]) if len(ports) == 1 else f"{ports[0]}-{ports[-1]}"
        self.interfaces = list(dict.fromkeys(interface for interface, _, _ in places))
        self.for_operators = _is_for_operators(bind.proxy)

    @property
    def name(self) -> str:
        return f"port {self.ports}/{self.bind.protocol}"


@lru_cache(maxsize=64)
def closed_ports(node: Node) -> list[Closed]:
    """What of haproxy's ports `node` refuses; its firewall is known and active."""
    return _closed(node, node.firewall.accepts)


def ports_to_close(node: Node) -> list[Closed]:
    """What of haproxy's ports the files of `node` refuse, and what was captured of its firewall accepts."""
    found = _closed(node, node.firewall.written)
    return [one for one in found if any(node.firewall.accepts(packet).verdict for packet in one.packets)]


def _closed(node: Node, judge: Judge) -> list[Closed]:
    haproxy, keepalived = node.haproxy, node.keepalived
    if haproxy is None or keepalived is None:
        return []
    found: list[Closed] = []
    for proxy in haproxy.proxies:
        for bind in () if proxy.disabled else proxy.binds:
            if is_public(bind):
                places = places_of(node, bind, keepalived.instances)
                refused = [
                    port
                    for port in within(bind.low, bind.high)
                    if places and all(judge(packet_to(bind, port, *place)).verdict is False for place in places)
                ]
                if refused:
                    found.append(Closed(bind, refused, places, judge))
    return found


def open_statistics(node: Node) -> list[tuple[Bind, Answer]]:
    """Where whoever reaches `node` reads haproxy's statistics without a password, and what the firewall says of it."""
    from halint.models.firewall import STRANGERS

    haproxy, keepalived = node.haproxy, node.keepalived
    found: list[tuple[Bind, Answer]] = []
    for proxy in haproxy.proxies if haproxy is not None and keepalived is not None else ():
        if proxy.disabled or not _is_for_operators(proxy) or not _asks_nothing(proxy):
            continue
        for bind in filter(is_public, proxy.binds):
            assert keepalived is not None
            answers = [
                node.firewall.accepts(packet_to(bind, bind.low, *place).but(source=stranger))
                for place in places_of(node, bind, keepalived.instances)
                for stranger in STRANGERS[place[1]]
            ]
            if answers and all(answer.verdict for answer in answers):
                found.append((bind, answers[0]))
    return found


def is_public(bind: Bind) -> bool:
    """Whether others can ask for what `bind` says, and what that is is certain."""
    local = bind.address is not None and address.is_loopback(bind.address)
    return bind.known and bind.certain and not local and bind.namespace is None


def places_of(node: Node, bind: Bind, instances: list[VrrpInstance]) -> list[Place]:
    """Where clients come in; empty where that is unknown."""
    found: list[Place] = []
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


def packet_to(bind: Bind, port: int, interface: str, family: int, destination: str | None) -> Packet:
    """What a client sends to a port of `bind`."""
    from halint.models.firewall import TCP, UDP, Packet

    protocol = UDP if bind.protocol == "udp" else TCP
    return Packet("in", protocol, family, destination=destination, port=port, interface=interface)


def _is_for_operators(proxy: Proxy) -> bool:
    if proxy.servers or proxy.inherited("default_backend") or proxy.keyword("use_backend"):
        return False
    exporter = any("prometheus-exporter" in (word.text for word in s.words) for s in proxy.keyword("http-request"))
    return exporter or proxy.inherited("stats") is not None


def _asks_nothing(proxy: Proxy) -> bool:
    """Whether a proxy shows its statistics to everybody: no rule of its own asks for a password or an address."""
    lines = [line.argument() for line in proxy.keyword("stats")]
    shown = any(word is not None and word.text in ("enable", "uri") for word in lines)
    asked = any(word is not None and word.text in ("auth", "http-request") for word in lines)
    return shown and not asked and not proxy.keyword("http-request") and not proxy.keyword("tcp-request")
