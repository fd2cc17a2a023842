"""keepalived.conf: every node starts as BACKUP, and a failing haproxy is FAULT, which gives the addresses away.

An unweighted check moves the addresses whatever the priorities are, and with nopreempt too; weights do not
(rules KA401, KA402). The check asks haproxy over HTTP on the loopback: it needs no right to see or signal
other processes. It runs as root since `keepalived -t` of 2.2.7 ends itself with SIGTERM where a script has another
user (measured).
"""

from __future__ import annotations

from halint.generator.haproxy import CHECK_URL
from halint.generator.plan import Node, Plan, VirtualRouter
from halint.generator.writer import File


def configuration(plan: Plan, node: Node, password: str) -> File:
    blocks = [_global(node), _CHECK, *(_instance(plan, router, node, password) for router in plan.routers)]
    return File("/etc/keepalived/keepalived.conf", "\n".join(blocks), 0o600 if password else 0o644)


def _global(node: Node) -> str:
    return f"""\
# Written by halint generate.
global_defs {{
    router_id {node.name}
    script_user root
    enable_script_security
}}
"""


_CHECK = f"""\
# Whether haproxy answers on this node; if not, the node gives its virtual addresses away.
vrrp_script haproxy {{
    script "/usr/bin/curl --silent --fail --max-time 1 --output /dev/null {CHECK_URL}"
    interval 1
    timeout 2
    fall 2
    rise 2
}}
"""


def _instance(plan: Plan, router: VirtualRouter, node: Node, password: str) -> str:
    member = router.member(node)
    lines = [
        "state BACKUP",
        f"interface {node.interface}",
        f"virtual_router_id {router.id}",
        f"priority {member.priority}",
        "advert_int 1",
    ]
    if not router.preempt:
        lines.append("nopreempt")
    if router.family == 6:
        lines.append("version 3")
    else:
        lines += _block("authentication", ["auth_type PASS", f"auth_pass {password}"])
    if plan.unicast:
        lines.append(f"unicast_src_ip {member.source.ip}")
        lines += _block("unicast_peer", [str(peer) for peer in router.peers(node)])
    elif router.family == 4:
        # else the first address of the interface, which the peers' firewalls need not know
        lines.append(f"mcast_src_ip {member.source.ip}")
    # as /128 an IPv6 address is not preferred for connections that the node itself opens
    length = member.source.network.prefixlen if router.family == 4 else 128
    lines += _block("virtual_ipaddress", [f"{address}/{length}" for address in router.addresses])
    lines += _block("track_script", ["haproxy"])
    return "\n".join(_block(f"vrrp_instance {router.name}", lines)) + "\n"


def _block(head: str, lines: list[str]) -> list[str]:
    return [head + " {", *("    " + line for line in lines), "}"]
