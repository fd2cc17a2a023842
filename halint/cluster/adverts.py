"""Whether the firewalls of a cluster let its VRRP adverts through, and why not: what FW101 to FW107 report.

Every refusal has one cause, the most specific: what would have to be otherwise for a rule of the node to accept
the advert. Adverts by unicast that connection tracking lets through as established are not refused: the node
sends to the same peer, so the pair heals (measured).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from halint import address
from halint.finding import Applicability, Create, Edit, Finding, Fix, Located, Location, Severity, Skipped
from halint.fixes import edits
from halint.light import lru_cache
from halint.rule import Rule

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.cluster.virtual_router import Member, VirtualRouter
    from halint.models.firewall import Answer, Packet
    from halint.models.firewall import Rule as FirewallRule
    from halint.node import Node

#: Causes: no rule accepts adverts; output is filtered; a rule would accept them on another interface or in another
#: zone; by IPv4 only; by multicast only; VRRP but not AH; in iptables, while firewalld's zones are in nftables; a
#: service that nothing makes use of would; by the files, which the kernel does not have; by the kernel, until the files
#: are loaded again.
NO_RULE, OUTPUT, INTERFACE, FAMILY, UNICAST, PROTOCOL, DIRECT, SERVICE, NOT_LOADED, NEXT_LOAD = (
    "no rule", "output", "interface", "family", "unicast", "protocol", "direct", "service", "not loaded", "next load",
)  # fmt: skip
_GROUPS = {4: "224.0.0.18", 6: "ff02::12"}


class Refusal:
    """Adverts of one kind that a node refuses, of one instance or several.

    cause: one of the above. packets: the adverts. answer: what the firewall says of the first. near: the rule that
    would have accepted it. sources: the peers' addresses, empty where not all of them are known.
    harmless: whether priorities settle it without the adverts, so that refusing them breaks nothing at once: this
    node always has the highest where it does not hear, the lowest where it is not heard.
    """

    __slots__ = ("answer", "cause", "harmless", "members", "near", "node", "packets", "routers", "sources")

    def __init__(self, node: Node, packet: Packet, answer: Answer, cause: str, near: FirewallRule | None) -> None:
        self.node = node
        self.packets = [packet]
        self.answer = answer
        self.cause = cause
        self.near = near
        self.members: list[Member] = []
        self.routers: list[VirtualRouter] = []
        self.sources: list[str] = []
        self.harmless = True

    @property
    def packet(self) -> Packet:
        """The first of the adverts."""
        return self.packets[0]

    @property
    def key(self) -> tuple[object, ...]:
        """What several instances have in common, so that one line cures all."""
        packet = self.packet
        return self.node, packet.direction, packet.protocol, packet.family, packet.interface, self.cause, id(self.near)


@lru_cache(maxsize=1)
def refusals(cluster: Cluster) -> list[Refusal]:
    """Every refusal of `cluster`, in the order of its virtual routers."""
    found: dict[tuple[object, ...], Refusal] = {}
    for router in cluster.virtual_routers:
        for member in router.members:
            # Without its files the model of the firewall is not even imported.
            if "firewall" not in member.node.collected or not member.node.firewall.active:
                continue
            incoming = [] if _hears_anybody(member) else _incoming(router, member)
            for packets in (incoming, _outgoing(member)):
                refused = [packet for packet in packets if _is_refused(member, packet)]
                if refused and (len(refused) == len(packets) or not _own_among_peers(router, member)):
                    refusal = _explained(member.node, refused[0])
                    refusal = found.setdefault(refusal.key, refusal)
                    _join(refusal, router, member, refused, packets)
    return list(found.values())


def refusals_to_come(cluster: Cluster) -> list[Refusal]:
    """Every refusal by the files of a firewall whose captured rules accept: it comes with the next start."""
    found: dict[tuple[object, ...], Refusal] = {}
    for router in cluster.virtual_routers:
        for member in router.members:
            if "firewall" not in member.node.collected:
                continue
            firewall = member.node.firewall
            if firewall.captured is None or not firewall.starts:
                continue
            for packets in (_incoming(router, member), _outgoing(member)):
                later = [p for p in packets if firewall.accepts(p).verdict and not _passes(member, p, firewall.written)]
                if later and len(later) == len(packets):
                    refusal = Refusal(member.node, later[0], firewall.written(later[0]), NEXT_LOAD, None)
                    refusal = found.setdefault(refusal.key, refusal)
                    _join(refusal, router, member, later, packets)
    return list(found.values())


def refusal_between(member: Member, other: Member, *, incoming: bool) -> Answer | None:
    """What the firewall of `member` says where it certainly refuses the adverts that come in from `other`, or that go
    out to it."""
    node, instance = member.node, member.instance
    if "firewall" not in node.collected or not node.firewall.active:
        return None
    if incoming:
        if _hears_anybody(member):
            return None
        if instance.unicast:
            from halint.models.firewall import OWN

            own = address.canonical(instance.unicast_src_ip.value or "") or OWN
            packet = _advert(member, "in", other.source, own)
        else:
            packet = _advert(member, "in", _source(other), instance.mcast_group.value)
    else:
        target = other.source if instance.unicast else instance.mcast_group.value
        packet = _advert(member, "out", None, target)
    return node.firewall.accepts(packet) if packet is not None and _is_refused(member, packet) else None


def _join(
    refusal: Refusal, router: VirtualRouter, member: Member, refused: list[Packet], packets: list[Packet]
) -> None:
    """Add to `refusal` that `member` refuses `refused` of its `packets`."""
    known = {packet.key for packet in refusal.packets}
    refusal.packets += [packet for packet in refused if packet.key not in known]
    sources = [packet.source for packet in packets if packet.source]
    complete = len(sources) == len(packets) and (not refusal.members or bool(refusal.sources))
    refusal.sources = list(dict.fromkeys(refusal.sources + sources)) if complete else []
    refusal.members.append(member)
    refusal.routers.append(router)
    refusal.harmless = refusal.harmless and _is_harmless(router, member, refusal.cause)


def _is_harmless(router: VirtualRouter, member: Member, cause: str) -> bool:
    """Whether `member` has the highest priority whatever the checks say; the lowest, where its own adverts are
    refused."""
    others = [other.instance.priority.value for other in router.members if other is not member]
    weighted = any(check.weight for other in router.members for check in other.instance.checks)
    own = member.instance.priority.value
    settled = own < min(others, default=0) if cause == OUTPUT else own > max(others, default=own)
    return settled and not weighted


def _hears_anybody(member: Member) -> bool:
    """Whether the node takes multicast adverts from wherever they come: then each peer need not be asked about."""
    packet = None if member.instance.unicast else _advert(member, "in", None, member.instance.mcast_group.value)
    return packet is not None and member.node.firewall.accepts(packet).verdict is True


def _incoming(router: VirtualRouter, member: Member) -> list[Packet]:
    """The adverts that the node should hear: one from each peer."""
    from halint.models.firewall import OWN

    instance, others = member.instance, [other for other in router.members if other is not member]
    if instance.unicast:
        own = address.canonical(instance.unicast_src_ip.value or "")
        peers = {p for p in instance.peers if p != own and member.node.interfaces.has(p) is not True}
        # Where every peer is here, what they send from counts, and not what this node takes for it: KA213 says that.
        heard = {other.source for other in others if other.source is not None and other.source != own}
        if len(heard) == len(others) >= len(peers):
            peers = heard
        return [advert for peer in sorted(peers) if (advert := _advert(member, "in", peer, own or OWN))]
    sources = [_source(other) for other in others] or [None]
    return [advert for source in sources if (advert := _advert(member, "in", source, instance.mcast_group.value))]


def _outgoing(member: Member) -> list[Packet]:
    """The adverts that the node should send."""
    instance = member.instance
    targets = sorted(instance.peers) if instance.unicast else [instance.mcast_group.value]
    return [advert for target in targets if (advert := _advert(member, "out", None, target))]


def _advert(member: Member, direction: str, source: str | None, destination: str | None) -> Packet | None:
    from halint.models.firewall import AH, VRRP, Packet

    instance = member.instance
    if instance.family is None or instance.interface.value is None or not instance.complete:
        return None
    # With use_vmac adverts come in by the interface that keepalived makes: no rule names it reliably.
    interface = None if instance.use_vmac.value else instance.interface.value
    protocol = AH if instance.authentication[0] == "AH" else VRRP
    return Packet(
        direction, protocol, instance.family, source=source, destination=destination, interface=interface
    )  # fmt: skip


def _source(member: Member) -> str | None:
    """The address that `member` sends its multicast adverts from: the configured one, else its interface's."""
    instance = member.instance
    written = instance.mcast_src_ip.value
    if written is not None:
        return address.canonical(written)
    known = member.node.interfaces.addresses.get(instance.interface.value or "", [])
    found = {
        plain
        for text in known
        if address.family(text) == instance.family
        and (plain := address.canonical(text)) is not None
        and plain not in instance.all_vips
        and (instance.family == 4 or plain.startswith("fe80:"))
    }
    return found.pop() if len(found) == 1 else None


def _own_among_peers(router: VirtualRouter, member: Member) -> bool:
    """Whether the list of peers may hold the node's own address, which sends it nothing."""
    instance = member.instance
    return instance.unicast and not instance.unicast_src_ip.value and len(instance.peers) >= len(router.members)


def _is_refused(member: Member, packet: Packet) -> bool:
    return not _passes(member, packet, member.node.firewall.accepts)


def _passes(member: Member, packet: Packet, accepts: Callable[[Packet], Answer]) -> bool:
    """Whether the advert comes through, or may, at the latest when connection tracking knows the peer."""
    if accepts(packet).verdict is not False:
        return True
    return member.instance.unicast and accepts(packet.but(state="established")).verdict is not False


def _explained(node: Node, packet: Packet) -> Refusal:
    """The refusal of `packet` with its cause."""
    answer = node.firewall.accepts(packet)
    if node.firewall.captured is not None and node.firewall.written(packet).verdict:
        return Refusal(node, packet, answer, NOT_LOADED, None)
    if packet.direction == "out":
        return Refusal(node, packet, answer, OUTPUT, None)
    if node.firewall.unlisted_service([packet]) is not None:
        return Refusal(node, packet, answer, SERVICE, None)
    for cause, near in _causes(node, packet):
        if near is not None:
            return Refusal(node, packet, answer, cause, near)
    return Refusal(node, packet, answer, NO_RULE, None)


def _causes(node: Node, packet: Packet) -> Iterator[tuple[str, FirewallRule | None]]:
    """What a rule lacks to accept `packet`, the most specific first."""
    from halint.models.firewall import AH, VRRP

    firewall = node.firewall
    yield DIRECT, firewall.dead_accept(packet)
    if packet.protocol == AH:
        yield PROTOCOL, firewall.would_accept(packet.but(protocol=VRRP))
    if packet.family == 6:
        yield FAMILY, firewall.would_accept(packet.but(family=4, source=None, destination=_GROUPS[4]))
    yield UNICAST, firewall.would_accept(packet.but(destination=_GROUPS[packet.family]))
    yield INTERFACE, firewall.near_miss(packet)


class AdvertRule(Rule):
    """A rule that reports the refusals of one cause."""

    severity = Severity.ERROR
    oracle = "lab"
    cause: ClassVar[str]

    def check(self, cluster: Cluster) -> Iterator[Finding | Skipped]:
        for refusal in refusals(cluster):
            if refusal.cause == self.cause:
                yield self._report(refusal)
        for node in cluster.nodes:
            if node.keepalived is None or not node.keepalived.instances:
                continue
            if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
                yield self.skip(node, "firewall")

    def why(self, refusal: Refusal) -> str:
        """Why the node refuses the adverts, as a part of the message."""
        raise NotImplementedError

    def edits(self, refusal: Refusal) -> list[Edit | Create] | None:
        """The edits after which it accepts them; None where nobody can say how."""
        return refusal.node.firewall.allow(refusal.packets, refusal.sources)

    def _report(self, refusal: Refusal) -> Finding:
        node, at = refusal.node, refusal.members[0].instance.interface.at
        made = self.edits(refusal)
        protocol = protocol_name(refusal)
        title = f"accept {protocol} on {node.name}" + (f" from {_listed(refusal.sources)}" if refusal.sources else "")
        fix = None if made is None else Fix(title, made, Applicability.SAFE)
        place: Located = at
        related = refusal.answer.places(node)
        label = "refused here"
        if refusal.near is not None and refusal.near.at is not None:
            place, label = refusal.near.at, "accepts it, but not here"
            related.append(Location(node, at, "the adverts come in here"))
        return self.finding(
            f"{effect(refusal)}: {self.why(refusal)}; {title}",
            node,
            place,
            label=label,
            related=related,
            fix=fix,
            severity=Severity.WARNING if refusal.harmless else Severity.ERROR,
        )


def protocol_name(refusal: Refusal) -> str:
    """What the adverts are, as a message says it."""
    return f"VRRP (protocol {refusal.packet.protocol})" if refusal.packet.protocol != 51 else "AH (protocol 51)"


def use_interface(refusal: Refusal) -> list[Edit | Create] | None:
    """The edit that gives the rule that would accept the adverts the right interface; None where the one that it
    names is another instance's, or where the rule lets in more than them."""
    from halint.models.firewall import TCP, UDP

    near, keepalived, interface = refusal.near, refusal.node.keepalived, refusal.packet.interface
    word = near.interface if near is not None else None
    if near is None or word is None or keepalived is None or interface is None:
        return None
    if any(instance.interface.value == word.text for instance in keepalived.instances):
        return None
    there = refusal.packet.but(interface=word.text.rstrip("*+"))
    if any(near.matches(there.but(protocol=other, port=None)) is not False for other in (TCP, UDP)):
        return None
    if refusal.node.firewall.is_generated(word):
        return None
    return [edits.replace(word, f'"{interface}"' if word.raw.startswith('"') else interface)]


def effect(refusal: Refusal) -> str:
    """What an operator will see."""
    node, interface = refusal.node.name, refusal.packet.interface
    vips = _listed([router.name for router in dict.fromkeys(refusal.routers)])
    others = dict.fromkeys(m.node.name for r in refusal.routers for m in r.members if m.node is not refusal.node)
    peers = _listed(list(others)) or "its peers"
    on = f" on {interface}" if interface else ""
    if refusal.cause == OUTPUT and refusal.harmless:
        return f"{node} cannot send its adverts{on}, and will lose {vips} to whoever starts, nopreempt or not"
    if refusal.cause == OUTPUT:
        return f"{node} cannot send its adverts{on}, and {peers} will hold {vips} at the same time"
    if refusal.harmless:
        return f"{node} does not hear {peers}{on}, and will take {vips} back whoever holds it, nopreempt or not"
    return f"{node} does not hear {peers}{on}, and will hold {vips} at the same time"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
