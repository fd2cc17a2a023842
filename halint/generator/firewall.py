"""The firewall of a node: VRRP from its peers, the ports of the frontends and those of the management."""

from __future__ import annotations

from halint.generator.plan import Node, Plan
from halint.generator.writer import File

#: IPv6 adverts to the multicast group come from the peer's link-local address, which no CLUSTER.toml names.
_LINK_LOCAL = "fe80::/10"


def files(plan: Plan, node: Node) -> list[File]:
    return _firewalld(plan, node) if plan.target.firewalld else [_nftables(plan, node)]


def _peers(plan: Plan, node: Node, family: int) -> list[str]:
    """Where adverts of `family` come from."""
    if family not in plan.families:
        return []
    if family == 6 and not plan.unicast:
        return [_LINK_LOCAL]
    return sorted({str(peer) for router in plan.routers if router.family == family for peer in router.peers(node)})


def _firewalld(plan: Plan, node: Node) -> list[File]:
    # Not direct rules: their ACCEPT does not count with the nftables backend (rule FW107).
    rules = "".join(
        f'  <rule family="ipv{family}">\n    <source address="{peer}"/>\n    <protocol value="vrrp"/>\n'
        "    <accept/>\n  </rule>\n"
        for family in (4, 6)
        for peer in _peers(plan, node, family)
    )
    zone = f"""\
<?xml version="1.0" encoding="utf-8"?>
<!-- Written by halint generate. -->
<zone>
  <short>Public</short>
  <interface name="{node.interface}"/>
{_ports(plan.management_ports)}\
  <service name="haproxy"/>
{rules}</zone>
"""
    service = f"""\
<?xml version="1.0" encoding="utf-8"?>
<!-- Written by halint generate. -->
<service>
  <short>haproxy</short>
  <description>What the frontends of haproxy listen on</description>
{_ports(plan.ports)}</service>
"""
    return [File("/etc/firewalld/zones/public.xml", zone), File("/etc/firewalld/services/haproxy.xml", service)]


def _ports(ports: list[int]) -> str:
    return "".join(f'  <port port="{port}" protocol="tcp"/>\n' for port in ports)


def _nftables(plan: Plan, node: Node) -> File:
    # `ip protocol` would be IPv4 only, and a rule for the multicast group alone would refuse unicast adverts
    vrrp = "".join(
        f'\t\tiifname "{node.interface}" {keyword} saddr {_set(peers)} meta l4proto vrrp accept\n'
        for keyword, family in (("ip", 4), ("ip6", 6))
        if (peers := _peers(plan, node, family))
    )
    ports = "".join(f"\t\ttcp dport {_set(group)} accept\n" for group in (plan.management_ports, plan.ports) if group)
    text = f"""\
#!/usr/sbin/nft -f
# Written by halint generate.

flush ruleset

table inet filter {{
	chain input {{
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iif "lo" accept
		meta l4proto {{ icmp, ipv6-icmp }} accept
{vrrp}{ports}\
	}}
	chain forward {{
		type filter hook forward priority filter; policy drop;
	}}
	chain output {{
		type filter hook output priority filter; policy accept;
	}}
}}
"""
    return File("/etc/nftables.conf", text, 0o755)


def _set(items: list[str] | list[int]) -> str:
    return "{ " + ", ".join(map(str, items)) + " }"
