"""The chains of the zones and policies, and which packets go to which.

Policies between this host (the zone HOST) and others: those of negative priority are asked before the zone, the others
behind it, but before its target. Sources: firewalld.zone(5), firewalld.policy(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.firewall.chains import Chain, Fact, Packet, Rule, Test, any_of, protocol_is, unknown
from halint.models.firewall.firewalld.elements import number

if TYPE_CHECKING:
    from halint.models.firewall.firewalld.contents import Contents
    from halint.models.firewall.firewalld.definitions import Definitions
    from halint.models.firewall.firewalld.zones import Zones

#: The priority of a policy that names none.
_PRIORITY = -1
#: Targets of a zone that say no; a zone without a target rejects.
_TARGETS = {"ACCEPT": "accept", "DROP": "drop", "%%REJECT%%": "drop", "REJECT": "drop", "default": "drop"}
#: Of a policy without a target, and CONTINUE, the zone decides.
_POLICY_TARGETS = {"CONTINUE": "", "ACCEPT": "accept", "DROP": "drop", "REJECT": "drop"}


def compile_zones(
    chains: dict[str, Chain], zones: Zones, contents: Contents, definitions: Definitions, drifts: Fact
) -> None:
    """Add to `chains` one for each zone and policy, and "all zones", which sends a packet to its own."""
    names = zones.all_names
    for name in names:
        _compile_zone(chains, zones, contents, name)
    _compile_policies(chains, zones, contents, definitions)
    dispatch = chains["all zones"] = Chain("the zones", "drop")
    dispatch.sorts = True
    for name in names:
        zone = zones.get(name)
        for source in zone.sources if zone else ():
            verdict, target = ("goto", name) if drifts is False else ("jump", _drifting(chains, zones, name, drifts))
            dispatch.rules.append(Rule([contents.address_test(source, "source")], verdict, source, target=target))
    for name in names:
        dispatch.rules.append(Rule([_zone_test(zones, name)], "goto", target=name))
    # The interface is in a zone that is neither among the files nor a stock one.
    dispatch.rules.append(Rule([], "unknown"))


def _compile_zone(chains: dict[str, Chain], zones: Zones, contents: Contents, name: str) -> None:
    zone = zones.get(name)
    target = _TARGETS.get(zone.target, "unknown") if zone else "unknown"
    chain = chains[name] = Chain(f"zone {name}", "return", zone.target_at if zone else None)
    chain.rules.append(Rule([], "jump", target="policies in before"))
    if zone is not None:
        contents.fill(chain, zone.root, zone.services)
    chain.rules.append(Rule([], "jump", target="policies in behind"))
    # ICMP has rules of its own (icmp-block, inversion), which are not followed.
    chain.rules.append(Rule([protocol_is(1, 58)], "unknown"))
    if target == "unknown":
        chain.rules.append(Rule([], "unknown"))
    else:
        chain.policy = target


def _zone_test(zones: Zones, name: str) -> Test:
    def test(packet: Packet) -> Fact:
        if packet.interface is None:
            return None
        zone, _ = zones.of(packet.interface)
        return None if zone is None else zone == name

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


def _compile_policies(chains: dict[str, Chain], zones: Zones, contents: Contents, definitions: Definitions) -> None:
    for direction in ("in", "out"):
        for when in ("before", "behind"):
            chains[f"policies {direction} {when}"] = Chain("the policies")
    found = [
        (number(root.get("priority")) if "priority" in root.attributes else _PRIORITY, name, root)
        for name, root in definitions.own("policies")
    ]
    for priority, name, root in sorted(found, key=lambda entry: entry[:2]):
        when = "before" if priority < 0 else "behind"
        for direction, own, other in (
            ("in", "egress-zone", "ingress-zone"),
            ("out", "ingress-zone", "egress-zone"),
        ):
            if not any(e.get("name") == "HOST" for e in root.elements(own)):
                continue
            target = f"policy {name}, {direction}"
            chain = chains[target] = Chain(f"policy {name}", "return", root.attributes.get("target", root.words[0]))
            contents.fill(chain, root, [(e.get("name") or "", e) for e in root.elements("service")])
            chain.rules.append(Rule([protocol_is(1, 58)], "unknown"))
            verdict = _POLICY_TARGETS.get(root.get("target") or "CONTINUE", "unknown")
            if verdict:
                chain.rules.append(Rule([], verdict, chain.at))
            tests = [_policy_test(zones, contents, e.get("name") or "", direction) for e in root.elements(other)]
            rule = Rule([any_of(tests)], "jump", root, target=target)
            chains[f"policies {direction} {when}"].rules.append(rule)


def _policy_test(zones: Zones, contents: Contents, name: str, direction: str) -> Test:
    """Whether a packet comes from the zone `name`, or goes to it: by its interface or one of its sources."""
    if name == "ANY":
        return lambda packet: True
    zone = zones.get(name)
    field = "source" if direction == "in" else "destination"
    sources = [contents.address_test(source, field) for source in zone.sources] if zone else []

    def by_interface(packet: Packet) -> Fact:
        if packet.interface is None:
            return None
        found, at = zones.of(packet.interface)
        if found is None:
            return None
        # An interface is in the default zone for policies only where something puts it there.
        return found == name and (None if at is zones.default_at else True)

    return any_of([by_interface, *sources])
