"""firewalld: zones, services, rich rules, policies and direct rules, as firewalld 1.3.3 turns them into chains.

Packets of known connections are accepted before any zone. Direct rules: with the iptables backend they come before the
zones and their ACCEPT is final; with nftables an ACCEPT does nothing, since the zones still decide, and a DROP drops
(firewalld.direct(5) "Caveats", measured). Other modules ask Firewalld; each module of the package has one part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.lazy import lazy
from halint.models.firewall.chains import Base, Chain, Rule, Test, decide, interface_is, state_is, unknown
from halint.models.firewall.firewalld import listing
from halint.models.firewall.firewalld.configuration import Configuration
from halint.models.firewall.firewalld.contents import Contents
from halint.models.firewall.firewalld.definitions import Definitions
from halint.models.firewall.firewalld.direct import DirectRules
from halint.models.firewall.firewalld.dispatch import compile_zones
from halint.models.firewall.firewalld.policies import Policies
from halint.models.firewall.firewalld.refused import fault, left_out, refused
from halint.models.firewall.firewalld.services import Service, Services
from halint.models.firewall.firewalld.zones import Zone, Zones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.models.firewall.chains import Packet
    from halint.models.firewall.firewalld.listing import Listing
    from halint.node import Node
    from halint.readers.xml import Element

__all__ = ["Firewalld", "Service", "Zone"]


class Firewalld:
    """The configuration of firewalld on a node: what its files say, or, over these, what firewalld had while it ran.

    bases: the chains that it makes. refused: what firewalld refuses in its files. left_out: the rich
    rules that it leaves out. fault: why nothing is known of it,
    or "". backend: "nftables", "iptables", or None where neither the file nor the distribution tells. problems: what
    iptables refuses in direct rules, of which firewalld itself looks at none (measured, 1.3.3).
    """

    def __init__(self, node: Node, running: Listing | None = None) -> None:
        self._chains: dict[str, Chain] = {}
        configuration = Configuration(node)
        definitions = Definitions(node, running)
        self.backend = configuration.backend
        self.refused = refused(node)
        self.left_out = left_out(node)
        self.fault = "" if running is not None else fault(node, self.refused, self.left_out)
        self.services = Services(definitions, doubtful=bool(self.refused))
        self.zones = Zones(
            node, definitions, configuration, alone=running is not None, seen=None if running else listing.running(node)
        )
        self.direct = DirectRules(node, configuration.backend, running)
        self.bases: list[Base] = []
        self.direct.compile(self._chains)
        if running is None:
            self.fault = self.fault or self.direct.fault
        if not self.fault:
            contents = Contents(definitions, self.services, [p.rule for p in self.left_out if p.rule is not None])
            policies = Policies(self._chains, node, self.zones, contents, definitions)
            compile_zones(self._chains, self.zones, contents, policies, self.direct.of_zones, configuration.drifts)
            self._compile(policies)
        self.problems = self.direct.problems

    def _compile(self, policies: Policies) -> None:
        """The base chains, around those of the zones."""
        incoming = Chain("firewalld", "drop")
        incoming.rules.append(Rule([state_is({"established"})], "accept"))
        incoming.rules.append(Rule([interface_is("lo", "in", "\0")], "accept"))
        if self.backend != "nftables":
            # Not known which: what a direct rule accepts may or may not be accepted.
            tests: list[Test] = [] if self.backend == "iptables" else [unknown]
            incoming.rules.append(Rule(tests, "jump", target="direct rules"))
        incoming.rules.append(Rule([], "jump", target="all zones"))
        self._chains["direct rules"] = self.direct.chains["in"]
        self.bases.append(Base("in", None, incoming, self._chains))
        if self.backend != "iptables":
            self.bases.append(Base("in", None, self.direct.chains["in"], self._chains))
        outgoing = Chain("firewalld", "accept")
        outgoing.rules.append(Rule([state_is({"established"})], "accept"))
        outgoing.rules.append(Rule([interface_is("lo", "out", "\0")], "accept"))
        if self.backend == "iptables":
            self._chains["direct output"] = self.direct.chains["out"]
            outgoing.rules.append(Rule([], "jump", target="direct output"))
        else:
            self.bases.append(Base("out", None, self.direct.chains["out"], self._chains))
        outgoing.rules.append(Rule([], "jump", target=policies.outgoing()))
        self.bases.append(Base("out", None, outgoing, self._chains))

    @lazy
    def unlisted_services(self) -> list[Service]:
        """The node's own services that no zone, policy, rich rule or other service names."""
        return self.services.unlisted({service for zone in self.zones.stock for service in zone.service_names})

    def listed_ports(self, program: str) -> Iterator[tuple[Element, tuple[int, int], str]]:
        """The ports that the node's own services named after `program` open, where some zone lists them: the
        element, first and last, and over which protocol."""
        return self.services.ports_for(program, {name for zone in self.zones.own for name in zone.service_names})

    @classmethod
    def running(cls, node: Node) -> Firewalld | None:
        """What firewalld had while it ran; None where that was not captured."""
        found = listing.running(node)
        return None if found is None else cls(node, found)

    def base_of(self, zone: str) -> Base | None:
        """The chain of `zone` alone, as for a packet that has come to it."""
        chain = self._chains.get(zone)
        return None if chain is None else Base("in", None, chain, self._chains)

    def dead_accept(self, packet: Packet) -> Rule | None:
        """The direct rule that accepts `packet` to no avail, since the backend is nftables."""
        if self.backend != "nftables" or self.fault:
            return None
        base = Base(packet.direction, None, self.direct.chains[packet.direction], self._chains)
        found = decide(base, packet).get("accept")
        return None if found is None else found.rule
