"""The chains of the zones, and which packets go to which. Source: firewalld.zone(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Chain, Fact, Packet, Rule, Test, protocol_is, unknown

if TYPE_CHECKING:
    from halint.finding import Located
    from halint.models.firewall.firewalld.contents import Contents
    from halint.models.firewall.firewalld.policies import Policies
    from halint.models.firewall.firewalld.zones import Zones

#: Targets of a zone that say no; a zone without a target rejects.
_TARGETS = {"ACCEPT": "accept", "DROP": "drop", "%%REJECT%%": "drop", "REJECT": "drop", "default": "drop"}
#: A way into a zone: what must hold, the name of the zone, the <source> that says so, if it is by one.
Way = tuple[Test, str, "Located | None"]
#: Direct rules by the zone and the part of it that they come first in.
OfZones = dict[tuple[str, str], list[Rule]]


def compile_zones(
    chains: dict[str, Chain], zones: Zones, contents: Contents, policies: Policies, of_zones: OfZones, drifts: Fact
) -> None:
    """Add to `chains` one for each zone, and "all zones", which sends a packet to its own."""
    for name in zones.all_names:
        _compile_zone(chains, zones, contents, policies, of_zones, name)
    dispatch = chains["all zones"] = Chain("the zones", "drop")
    dispatch.sorts = True
    for test, name, source in ways(zones, contents, "in"):
        if source is None or drifts is False:
            dispatch.rules.append(Rule([test], "goto", source, target=name))
        else:
            dispatch.rules.append(Rule([test], "jump", source, target=_drifting(chains, zones, name, drifts)))
    # The interface is in a zone that is neither among the files nor a stock one.
    dispatch.rules.append(Rule([], "unknown"))


def ways(zones: Zones, contents: Contents, direction: str) -> list[Way]:
    """The ways into the zones, in the order in which firewalld asks: by the zones' priorities, first by sources, then
    by interfaces, and by names; whatever is left is in the default zone."""
    found: list[tuple[tuple[int, int, str], Way]] = []
    field = "source" if direction == "in" else "destination"
    for name in zones.all_names:
        zone = zones.get(name)
        if zone is None:
            continue
        for source in zone.sources:
            way: Way = contents.address_test(source, field), name, source
            found.append(((zone.priority(direction), 1, name), way))
        found.append(((zone.priority(direction), 2, name), (_zone_test(zones, name, bound=True), name, None)))
    found.sort(key=lambda entry: entry[0])
    return [*(way for _, way in found), (_zone_test(zones, zones.default, bound=False), zones.default, None)]


def _compile_zone(
    chains: dict[str, Chain], zones: Zones, contents: Contents, policies: Policies, of_zones: OfZones, name: str
) -> None:
    zone = zones.get(name)
    target = _TARGETS.get(zone.target, "unknown") if zone else "unknown"
    chain = chains[name] = Chain(f"zone {name}", "return", zone.target_at if zone else None)
    before, behind = policies.around(name)
    chain.rules.append(Rule([], "jump", target=before))
    if zone is not None:
        contents.fill(chain, zone.root, zone.services, lambda part: of_zones.get((name, part), []))
    chain.rules.append(Rule([], "jump", target=behind))
    # ICMP has rules of its own (icmp-block, inversion), which are not followed.
    chain.rules.append(Rule([protocol_is(1, 58)], "unknown"))
    if target == "unknown":
        chain.rules.append(Rule([], "unknown"))
    else:
        chain.policy = target


def _zone_test(zones: Zones, name: str, *, bound: bool) -> Test:
    def test(packet: Packet) -> Fact:
        return zones.holds(name, packet.interface, bound=bound)

    return test


def _drifting(chains: dict[str, Chain], zones: Zones, name: str, drifts: Fact) -> str:
    """The chain of `name` for packets that come to the zone by their source, and may drift on to that of their
    interface where nothing in it decides."""
    whole = chains[name]
    chain = Chain(whole.label, whole.policy, whole.at)
    chain.rules += whole.rules
    zone = zones.get(name)
    if zone is not None and zone.target == "default":
        if drifts is None:
            chain.rules.append(Rule([unknown], "drop"))
        chain.policy = "return"
    chains[f"{name}, drifting"] = chain
    return f"{name}, drifting"
