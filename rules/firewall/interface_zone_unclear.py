"""FW115; its page is interface_zone_unclear.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Finding, Location, Severity, Skipped
from halint.node import Node
from halint.rule import Rule


class InterfaceZoneUnclear(Rule):
    """The connection puts an interface of VRRP into another zone than a zone's file, or into one that is not there."""

    code = "FW115"
    severity = Severity.WARNING
    oracle = "none"

    def check_node(self, node: Node) -> Iterator[Finding | Skipped]:
        if not node.instances:
            return
        if "firewall" not in node.collected or node.firewall.active is None or node.firewall.fault:
            yield self.skip(node, "firewall")
        elif node.firewall.firewalld is not None:
            names = dict.fromkeys(instance.interface.value for instance in node.instances)
            for interface in [name for name in names if name]:
                asked, at = node.interfaces.zone(interface)
                zones = node.firewall.firewalld.zones
                if asked is not None and at is not None and zones.get(asked) is None:
                    yield self.finding(
                        f"the rules for {interface} of {node.name} are not those that its connection asks for: "
                        f"firewalld has no zone {asked}, and leaves {interface} in the default zone, "
                        f"{zones.default}; correct the name",
                        node,
                        at,
                    )
                    continue
                for zone, word in zones.naming(interface):
                    if asked is not None and at is not None and zone != asked:
                        yield self.finding(
                            f"the rules for {interface} of {node.name} are those of zone {asked} or of zone {zone}, by "
                            f"who comes last: its connection says {asked}, and zones/{zone}.xml says {zone}; name it "
                            "in one place",
                            node,
                            word,
                            related=[Location(node, at, f"zone {asked}")],
                        )
