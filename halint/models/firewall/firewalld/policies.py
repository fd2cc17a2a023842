"""Policies between this host (the zone HOST) and other zones: those of negative priority are asked before the zone, the
others behind it, but before its target.

Up to 1.x a policy is about the packets of its zones, whichever zone a packet is judged by, and of the default zone only
about interfaces that something puts there; from 2.0 on it is about the packets that the zone judges, and on the way out
the first zone that holds the destination counts alone (measured, 1.3.3 and 2.3.1). Source: firewalld.policy(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import counted
from halint.models.firewall.chains import Chain, Fact, Packet, Rule, Test, any_of, protocol_is, unknown
from halint.models.firewall.firewalld.dispatch import ways
from halint.models.firewall.firewalld.elements import number
from halint.models.firewall.firewalld.version import version

if TYPE_CHECKING:
    from halint.models.firewall.firewalld.contents import Contents
    from halint.models.firewall.firewalld.definitions import Definitions
    from halint.models.firewall.firewalld.zones import Zones
    from halint.node import Node
    from halint.readers.xml import Element

#: The priority of a policy that names none.
_PRIORITY = -1
#: Of a policy without a target, and CONTINUE, the zone decides.
_TARGETS = {"CONTINUE": "", "ACCEPT": "accept", "DROP": "drop", "REJECT": "drop"}
#: The elements of the zones that packets of a direction come from or go to, and of this host.
_ENDS = {"in": ("ingress-zone", "egress-zone"), "out": ("egress-zone", "ingress-zone")}


class Policies:
    """The policies of a node, as chains."""

    def __init__(
        self, chains: dict[str, Chain], node: Node, zones: Zones, contents: Contents, definitions: Definitions
    ) -> None:
        self._chains = chains
        self._zones = zones
        self._contents = contents
        found = [
            (number(root.get("priority")) if "priority" in root.attributes else _PRIORITY, name, root)
            for name, root in definitions.own("policies")
        ]
        self._found = sorted(found, key=lambda entry: entry[:2])
        #: By direction and priority, how many there are: of equal ones nothing says which is asked first.
        self._alike = counted(
            (direction, priority)
            for priority, _, root in self._found
            for direction in _ENDS
            if _is_ours(root, direction)
        )
        known = version(node)
        #: Whether only the zone that judges a packet counts; None where the version does not tell.
        self._by_zone: Fact = None if known is None else known >= (2, 0)
        if self._by_zone is None and not any(zone.sources for zone in zones.own):
            self._by_zone = False  # one zone for each packet: both say the same of it

    def around(self, zone: str) -> tuple[str, str]:
        """The chains of the policies that are asked before and behind `zone` about what comes in."""
        of = f" of {zone}" if self._by_zone else ""
        for when in ("before", "behind"):
            name = f"policies in {when}{of}"
            if name not in self._chains:
                chain = self._chains[name] = Chain("the policies")
                for priority, policy, root in self._found:
                    if (priority < 0) is (when == "before"):
                        chain.rules += self._rules(priority, policy, root, "in", zone if self._by_zone else None)
        return f"policies in before{of}", f"policies in behind{of}"

    def outgoing(self) -> str:
        """The chain of the policies about what goes out."""
        whole = self._chains["policies out"] = Chain("the policies")
        if not self._by_zone:
            for priority, policy, root in self._found:
                whole.rules += self._rules(priority, policy, root, "out", None)
        elif self._found:
            for test, zone, at in ways(self._zones, self._contents, "out"):
                name = f"policies out to {zone}"
                if name not in self._chains:
                    chain = self._chains[name] = Chain("the policies")
                    for priority, policy, root in self._found:
                        chain.rules += self._rules(priority, policy, root, "out", zone)
                whole.rules.append(Rule([test], "goto", at, target=name))
        return "policies out"

    def _rules(self, priority: int, name: str, root: Element, direction: str, zone: str | None) -> list[Rule]:
        """The rules that send packets to the policy; those that `zone` judges, where it is given."""
        if not _is_ours(root, direction):
            return []
        named = [e.get("name") or "" for e in root.elements(_ENDS[direction][0])]
        tests: list[Test] = [unknown] if self._alike[direction, priority] > 1 else []
        if zone is None:
            tests += [any_of([self._of_zone(other, direction) for other in named])]
        elif zone not in named and "ANY" not in named:
            return []
        return [Rule(tests, "jump", root, target=self._compiled(name, root, direction))]

    def _compiled(self, name: str, root: Element, direction: str) -> str:
        """The name of the chain of a policy."""
        target = f"policy {name}, {direction}"
        if target not in self._chains:
            chain = self._chains[target] = Chain(
                f"policy {name}", "return", root.attributes.get("target", root.words[0])
            )
            self._contents.fill(chain, root, [(e.get("name") or "", e) for e in root.elements("service")])
            chain.rules.append(Rule([protocol_is(1, 58)], "unknown"))
            verdict = _TARGETS.get(root.get("target") or "CONTINUE", "unknown")
            if verdict:
                chain.rules.append(Rule([], verdict, chain.at))
        return target

    def _of_zone(self, name: str, direction: str) -> Test:
        """Whether a packet comes from the zone `name`, or goes to it: by its interface or one of its sources."""
        if name == "ANY":
            return lambda packet: True
        zone = self._zones.get(name)
        field = "source" if direction == "in" else "destination"
        sources = [self._contents.address_test(source, field) for source in zone.sources] if zone else []
        doubtful = self._by_zone is None

        def by_interface(packet: Packet) -> Fact:
            return self._zones.holds(name, packet.interface, bound=True)

        either = any_of([by_interface, *sources])
        return (lambda packet: either(packet) and None) if doubtful else either


def _is_ours(root: Element, direction: str) -> bool:
    """Whether a policy is about packets of `direction` of this host."""
    return any(e.get("name") == "HOST" for e in root.elements(_ENDS[direction][1]))
