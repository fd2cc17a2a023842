"""Whether a node accepts the adverts of another, and why not.

Sources: keepalived v2.2.7 keepalived/vrrp/vrrp.c (vrrp_check_packet, vrrp_exist); every reason is a split brain that
was measured. What an advert carries is compared in both directions; peers and firewalls may stop it in one only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.finding import Location
from halint.models.keepalived import unicast

if TYPE_CHECKING:
    from halint.cluster.virtual_router import Member
    from halint.finding import Located
    from halint.models.firewall import Answer
    from halint.models.keepalived.vrrp import VrrpInstance


class Deafness:
    """Why a node does not accept the adverts of another: a clause to stand behind "since", and the lines."""

    __slots__ = ("places", "reason")

    def __init__(self, reason: str, places: list[Location]) -> None:
        self.reason = reason
        self.places = places


def deafness(listener: Member, speaker: Member) -> Deafness | None:
    """Why `listener` does not accept the adverts of `speaker`; None where it does, or nothing is known against it."""
    mine, theirs = listener.instance, speaker.instance
    if _contents(mine) != _contents(theirs):
        for what, own, other, at, there in _compared(mine, theirs):
            if own != other:
                pair = f"{own} on {listener.node.name}, {other} on {speaker.node.name}"
                return Deafness(
                    f"{what} differs: {pair}",
                    [Location(listener.node, at, own), Location(speaker.node, there, other)],
                )
    if mine.unicast:
        missed = _missed_peer(listener, speaker) or _unlisted(listener, speaker)
        if missed is not None:
            return missed
    elif listener.networks and speaker.networks and not listener.meets(speaker):
        away = _away(listener, speaker) or _away(speaker, listener)
        if away is not None:
            return away
    return _refused(listener, speaker)


def agree(one: Member, other: Member) -> bool:
    """Whether what the two say lets each accept the adverts of the other, whatever peers and firewalls let through."""
    return _contents(one.instance) == _contents(other.instance)


def _contents(instance: VrrpInstance) -> tuple[object, ...]:
    """What an instance compares with an advert; version 3 takes any interval."""
    version = instance.version.value
    interval = instance.advert_int.value if version == 2 else None
    group = None if instance.unicast else instance.mcast_group.value
    who = (instance.vrid.value, instance.family, version, instance.authentication)
    return (*who, interval, instance.unicast, group, instance.vips, len(instance.advertised))


def _compared(mine: VrrpInstance, theirs: VrrpInstance) -> Iterator[tuple[str, str, str, Located, Located]]:
    """What is compared: its name, what each says, and where. Of secrets only that they differ."""

    def row(
        what: str, own: object, other: object, at: Located, there: Located
    ) -> tuple[str, str, str, Located, Located]:
        return what, str(own), str(other), at, there

    yield row("virtual_router_id", mine.vrid.value, theirs.vrid.value, mine.vrid.at, theirs.vrid.at)
    yield row("the family", f"IPv{mine.family}", f"IPv{theirs.family}", mine.head, theirs.head)
    yield row("the VRRP version", mine.version.value, theirs.version.value, mine.version.at, theirs.version.at)
    way, other_way = _way(mine), _way(theirs)
    yield row("the way of the adverts", way, other_way, _way_at(mine), _way_at(theirs))
    own, other = mine.authentication, theirs.authentication
    kinds = own[0] or "none", other[0] or "none"
    yield row("the authentication", *kinds, mine.auth_type.at, theirs.auth_type.at)
    if own != other:
        yield row("auth_pass", "one", "another", mine.auth_pass.at, theirs.auth_pass.at)
    if mine.version.value == 2:
        seconds = f"{mine.advert_int.value:g} s", f"{theirs.advert_int.value:g} s"
        yield row("advert_int", *seconds, mine.advert_int.at, theirs.advert_int.at)
    yield row("the list of addresses", _listed(mine, theirs), _listed(theirs, mine), mine.head, theirs.head)


def _way(instance: VrrpInstance) -> str:
    return "unicast" if instance.unicast else f"multicast to {instance.mcast_group.value}"


def _way_at(instance: VrrpInstance) -> Located:
    block = next(instance.statement.statements("unicast_peer"), None)
    return instance.head if block is None else block.words[0]


def _listed(instance: VrrpInstance, other: VrrpInstance) -> str:
    """The addresses that only `instance` carries, or how many it carries."""
    only = sorted(instance.vips - other.vips)
    if only:
        return only[0] + (f" and {len(only) - 1} more" if len(only) > 1 else "")
    return "fewer" if other.vips - instance.vips else f"{len(instance.advertised)} lines"


def _away(member: Member, other: Member) -> Deafness | None:
    """What it does that the interface of `member` is certainly the wrong one."""
    if member.facing(other) is None:
        return None
    at = member.instance.interface.at
    return Deafness(
        f"{member.instance.interface.value} of {member.node.name} is in another network than "
        f"{other.instance.interface.value} of {other.node.name}",
        [Location(member.node, at), Location(other.node, other.instance.interface.at)],
    )


def _missed_peer(listener: Member, speaker: Member) -> Deafness | None:
    source = listener.source
    name, other = listener.node.name, speaker.node.name
    if source is not None and source == speaker.source:
        places = [Location(one.node, one.instance.source.at, source) for one in (listener, speaker)]
        return Deafness(f"{name} and {other} both say that they send from {source}", places)
    if source is None or source in speaker.instance.peers:
        return None
    return Deafness(
        f"{other} sends no adverts to {source}, which is {name}",
        [Location(speaker.node, _way_at(speaker.instance), f"without {source}")],
    )


def _unlisted(listener: Member, speaker: Member) -> Deafness | None:
    """What a check of the senders does to the adverts."""
    check, source = unicast.source_check(listener.node.keepalived, listener.instance), speaker.source
    if check is None or source is None:
        return None
    line = unicast.peer_line(listener.instance, source)
    places = [Location(listener.node, check, "checks who sends")]
    if line is None:
        return Deafness(f"{listener.node.name} takes adverts from its peers only, and {source} is none", places)
    if not unicast.may_arrive(unicast.ttl(speaker.instance), line):
        return Deafness(f"the TTL of the adverts of {speaker.node.name} is not what {listener.node.name} wants", places)
    return None


def _refused(listener: Member, speaker: Member) -> Deafness | None:
    """What a firewall does to the adverts."""
    if not any("firewall" in member.node.collected for member in (listener, speaker)):
        return None
    from halint.cluster import adverts

    for member, other, incoming in ((speaker, listener, False), (listener, speaker, True)):
        answer: Answer | None = adverts.refusal_between(member, other, incoming=incoming)
        if answer is not None:
            node = member.node
            verb = "lets no VRRP in" if incoming else "lets no VRRP out"
            places = answer.places(node) or [Location(node, member.instance.interface.at, "the adverts pass here")]
            return Deafness(f"the firewall of {node.name} {verb}", places)
    return None
