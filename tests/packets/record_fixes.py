"""Writes fixes.jsonl: clusters, the firewall of lb1 as `halint fix` leaves it, and what the kernel made of both.

Usage: python tests/packets/record_fixes.py, as root. The first clusters of each kind are written by hand, for what is
drawn too seldom; the rest is drawn.
"""

from __future__ import annotations

import json
from pathlib import Path

from fix_cases import CLUSTERS, Cluster, Frontend, Instance, heal, pair
from packet_batch import drawn
from packet_verdicts import Kernel
from rule_sets import Case

FILE = Path(__file__).with_name("fixes.jsonl")
#: Drawn of each kind, besides those written by hand: of this many, those that are fixed.
NUMBER = 16
SEED = 11

_STOCK = """*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT
-A FORWARD -j REJECT
COMMIT
"""
_SHARED = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:RH-Firewall-1-INPUT - [0:0]
-A INPUT -j RH-Firewall-1-INPUT
-A FORWARD -j RH-Firewall-1-INPUT
-A RH-Firewall-1-INPUT -i lo -j ACCEPT
-A RH-Firewall-1-INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A RH-Firewall-1-INPUT -j REJECT
COMMIT
"""
_RETURNS = """*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
[5:300] -A INPUT -i eth0 -p vrrp -j RETURN
[0:0] -A INPUT -p tcp -m tcp --dport 80 -j RETURN
[0:0] -A INPUT -i lo -j ACCEPT
COMMIT
"""
_POLICY = """*mangle
-P PREROUTING DROP
-A PREROUTING -i eth0 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
*filter
-P INPUT DROP
-N LB
-A INPUT -g LB
-A LB -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
"""
_FLAT = """#!/usr/sbin/nft -f
flush ruleset
add table inet filter
add chain inet filter input { type filter hook input priority 0; policy drop; }
insert rule inet filter input ip saddr 192.0.2.0/24 drop
insert rule inet filter input iif lo accept
"""
_SPLIT = """flush ruleset
table inet filter {
\tchain in_lan {
\t\ttcp dport 22 accept
\t\tip protocol vrrp return
\t\tdrop
\t}
\tchain forward {
\t\ttype filter hook forward priority filter; policy drop;
\t\tjump in_lan
\t}
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\tct state vmap { established : accept, related : accept, invalid : drop }
\t\tiifname "eth0" jump in_lan
\t}
}
"""
_TWO = """flush ruleset
table ip raw {
    chain prerouting { type filter hook prerouting priority -300; policy drop; iif lo accept; tcp dport 22 accept; }
}
table inet filter {
    chain input {
        type filter hook input priority 0;
        iif lo accept
        reject
    }
}
"""
_MIXED = """flush ruleset
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        iifname "eth1" meta l4proto { tcp, vrrp } accept
    }
}
"""
_DIRECT = '<direct><rule ipv="ipv4" table="filter" chain="INPUT" priority="0">-p vrrp -j ACCEPT</rule></direct>\n'
_SOURCES = '<zone>\n  <source address="203.0.113.0/24"/>\n  <service name="ssh"/>\n</zone>\n'


def _iptables(text: str) -> Case:
    return Case("iptables", dict.fromkeys(("/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables"), text))


def _firewalld(backend: str, **files: str) -> Case:
    found = {"/etc/firewalld/firewalld.conf": f"FirewallBackend={backend}\n"}
    return Case("firewalld", found | {f"/etc/firewalld/{name.replace('__', '/')}.xml": t for name, t in files.items()})


def by_hand() -> list[Cluster]:
    frontends = [Frontend(80, 80), Frontend(443, 443, 6)]
    cases = [*map(_iptables, (_STOCK, _SHARED, _RETURNS, _POLICY))]
    cases += [Case("nft", {"/etc/nftables.conf": text}) for text in (_FLAT, _SPLIT, _TWO, _MIXED)]
    for backend in ("nftables", "iptables"):
        cases += [
            _firewalld(backend),
            _firewalld(backend, zones__public="<zone/>"),
            _firewalld(backend, zones__internal=_SOURCES, direct=_DIRECT),
        ]
    return [pair(case, [Instance(told=told)], frontends) for case in cases for told in (True, False)]


def main() -> None:
    kernel = Kernel()
    clusters = by_hand()
    found = [heal(kernel, cluster) for cluster in clusters]
    assert all(healed.titles for healed in found), [str(healed) for healed in found if not healed.titles]
    for strategy in CLUSTERS.values():
        found += [h for c in drawn(strategy, NUMBER, SEED) if (h := heal(kernel, c)).titles]
    kernel.close()
    with FILE.open("w", encoding="utf-8") as out:
        for healed in found:
            if healed.faults:
                raise SystemExit(str(healed))
            marks = [
                "".join({True: "+", False: "-", None: "?"}[passed] for passed in each)
                for each in (healed.before, healed.after)
            ]
            cluster = healed.cluster
            entry = {"kind": cluster.case.kind, "before": marks[0], "after": marks[1], "files": cluster.files,
                     "rules": cluster.case.files, "fixed": healed.files}  # fmt: skip
            out.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
