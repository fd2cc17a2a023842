"""The packets that every rule set is asked about, and the two ends that they go between.

The node has NODE on eth0 and eth1; its peers stand behind both. A packet's `state` "established" means that the node
has sent to that peer first. Plain data: the interpreter of the distribution reads this file, too.
"""

from __future__ import annotations

from typing import Any

INTERFACES = ("eth0", "eth1")
#: The node's own addresses by interface and family.
NODE = {
    ("eth0", 4): "192.0.2.1", ("eth0", 6): "2001:db8:a::1",
    ("eth1", 4): "198.51.100.1", ("eth1", 6): "2001:db8:b::1",
}  # fmt: skip
#: The addresses of the peers: whoever sends; whom the node answers; whom it calls; link-local; from far away.
PEER = {
    ("eth0", 4): "192.0.2.2", ("eth0", 6): "2001:db8:a::2", ("eth1", 4): "198.51.100.2", ("eth1", 6): "2001:db8:b::2",
}  # fmt: skip
KNOWN = {4: "192.0.2.3", 6: "2001:db8:a::3"}
CALLED = {4: "192.0.2.4", 6: "2001:db8:a::4"}
LINK_LOCAL = {"eth0": "fe80::a:2", "eth1": "fe80::b:2"}
FAR = {4: "203.0.113.9", 6: "2001:db8:f::9"}
VRRP_GROUP = {4: "224.0.0.18", 6: "ff02::12"}
MDNS_GROUP = {4: "224.0.0.251", 6: "ff02::fb"}
TCP, UDP, AH, VRRP = 6, 17, 51, 112


def _incoming(
    protocol: int,
    family: int,
    source: str,
    destination: str,
    port: int | None = None,
    interface: str = "eth0",
    state: str = "new",
) -> dict[str, Any]:
    return {
        "direction": "in", "protocol": protocol, "family": family, "source": source, "destination": destination,
        "port": port, "interface": interface, "state": state,
    }  # fmt: skip


def _all() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for family in (4, 6):
        for interface in INTERFACES:
            peer, own = PEER[interface, family], NODE[interface, family]
            group_source = peer if family == 4 else LINK_LOCAL[interface]
            found.append(_incoming(VRRP, family, group_source, VRRP_GROUP[family], interface=interface))
            found.append(_incoming(VRRP, family, peer, own, interface=interface))
            found += [_incoming(TCP, family, peer, own, port, interface) for port in (22, 80)]
        peer, own = PEER["eth0", family], NODE["eth0", family]
        found += [_incoming(TCP, family, peer, own, port) for port in (443, 3306, 8080)]
        found += [_incoming(UDP, family, peer, own, port) for port in (53, 443, 514)]
        found.append(_incoming(UDP, family, peer, MDNS_GROUP[family], 5353))
        found.append(_incoming(TCP, family, FAR[family], own, 80))
        found.append(_incoming(VRRP, family, FAR[family], own))
        found.append(_incoming(VRRP, family, KNOWN[family], own, state="established"))
        outgoing = [(VRRP, VRRP_GROUP[family], None), (VRRP, CALLED[family], None), (TCP, CALLED[family], 80),
                    (UDP, CALLED[family], 53)]  # fmt: skip
        found += [
            {"direction": "out", "protocol": protocol, "family": family, "source": None, "destination": to,
             "port": port, "interface": "eth0", "state": "new"}
            for protocol, to, port in outgoing
        ]  # fmt: skip
    # keepalived signs IPv4 adverts only.
    found.append(_incoming(AH, 4, PEER["eth0", 4], VRRP_GROUP[4]))
    found.append(_incoming(AH, 4, PEER["eth0", 4], NODE["eth0", 4]))
    found.append({"direction": "out", "protocol": AH, "family": 4, "source": None, "destination": VRRP_GROUP[4],
                  "port": None, "interface": "eth0", "state": "new"})  # fmt: skip
    return found


PACKETS = _all()
