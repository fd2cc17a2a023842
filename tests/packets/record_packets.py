"""Writes cases.jsonl: rule sets with what the kernel made of them.  Usage: python record_packets.py [newer]

As root. The first rule sets of each kind are written by hand, for what is drawn too seldom; the rest is drawn. `newer`
writes newer.jsonl, with firewalld 2.3.1 (Debian 13's python3-firewall, unpacked to where PYTHONPATH leads).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from packet_batch import drawn
from packet_verdicts import Kernel
from rule_sets import CASES, NEWER, Case

FILE = Path(__file__).with_name("cases.jsonl")
#: Of each kind, besides those written by hand: every third that is drawn, for its neighbours are much alike.
NUMBER = 10
SEED = 7


def _chain(*rules: str, hook: str = "input", kind: str = "filter", policy: str = "drop") -> str:
    return "\n".join([f"chain {hook} {{", f"type {kind} hook {hook} priority 0; policy {policy};", *rules, "}"]) + "\n"


def _nft(body: str, before: str = "") -> Case:
    return Case("nft", {"/etc/nftables.conf": f"{before}table inet lb {{\n{body}}}\n"})


def _iptables(*rules: str, policy: str = "DROP", before: str = "") -> Case:
    text = "\n".join([f"{before}*filter", f":INPUT {policy} [0:0]", ":OUTPUT ACCEPT [0:0]", *rules, "COMMIT"]) + "\n"
    return Case("iptables", dict.fromkeys(("/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables"), text))


def _firewalld(backend: str, distribution: str = "debian12", **files: str) -> Case:
    found = {"/etc/firewalld/firewalld.conf": f"FirewallBackend={backend}\n"}
    found |= {f"/etc/firewalld/{name.replace('__', '/')}.xml": text for name, text in files.items()}
    return Case("firewalld", found, distribution)


BY_HAND = [
    _nft("flags dormant;\n" + _chain()),
    _nft(_chain("ct state vmap { established : accept, related : accept }", "pkttype multicast accept")),
    _nft(
        "map doors { type inet_service : verdict; elements = { 22 : accept, 80-443 : jump web }; flags interval; }\n"
        "chain web { ip saddr 192.0.2.0/24 accept; }\n" + _chain("tcp dport vmap @doors", "meta l4proto vrrp accept")
    ),
    _nft(
        "set pairs { type ipv4_addr . inet_service; elements = { 192.0.2.2 . 80, 203.0.113.9 . 22 }; }\n"
        + _chain("ip saddr . tcp dport @pairs accept", "ip saddr . ip protocol { 192.0.2.2 . 112 } accept")
    ),
    _nft(
        _chain(
            "tcp flags & (fin | syn | rst | ack) != syn ct state new drop",
            "tcp dport 1-1023 accept",
            "ip6 nexthdr 112 accept",
            "ip protocol { vrrp, ah } accept",
        )
    ),
    _nft(_chain("rt type 0 drop", "ip6 nexthdr vrrp rt type 0 accept", "ct state ! new accept", "tcp dport 22 accept")),
    _nft(_chain("notrack", hook="prerouting", policy="accept") + _chain("ct state new accept")),
    Case(
        "nft",
        {
            "/etc/nftables.conf": "table netdev n {\nchain c {\ntype filter hook ingress device eth1 priority 0;"
            " policy drop;\nip protocol vrrp accept\n}\n}\n"
        },
    ),
    _nft(
        _chain("tcp dport 80 redirect to :9999", hook="prerouting", kind="nat", policy="accept")
        + _chain("tcp dport 9999 accept", "meta l4proto vrrp accept")
    ),
    _nft(
        _chain("iif eth0 accept", 'iifname "eth1" tcp dport { 22, 80 } accept')
        + _chain("oif eth0 ip protocol vrrp accept", hook="output")
    ),
    _iptables("-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT", "-A INPUT -p vrrp -j ACCEPT"),
    _iptables(":LB - [0:0]", "-A INPUT -g LB", "-A INPUT -j ACCEPT", "-A LB -p 112 -i eth0 -j ACCEPT"),
    _iptables(
        "-A INPUT -p tcp -m tcp ! --syn -m state --state NEW -j DROP", "-I INPUT -p tcp -m tcp --dport 22 -j ACCEPT"
    ),
    _iptables("-A INPUT -p tcp -m multiport ! --dports 443,8000:8100 -j ACCEPT", "-A INPUT ! -p tcp -j ACCEPT"),
    _iptables("-A INPUT -j ACCEPT", before="*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth1 -j DROP\nCOMMIT\n"),
    _iptables(
        "-A INPUT -p udp -j ACCEPT",
        "-A INPUT -j DROP",
        "-D INPUT 1",
        "-I INPUT -p vrrp -j ACCEPT",
        "-I INPUT 2 -i eth0 -p tcp -j ACCEPT",
        "-A INPUT -p ah -j ACCEPT",
    ),
    _iptables("-A INPUT -p vrrp -j ACCEPT", "-F INPUT", "-N LB", "-A LB -p tcp -j ACCEPT", "-I INPUT 1 -j LB"),
    _iptables("-A INPUT -p vrrp -j ACCEPT", before="*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n"),
    _iptables("-A INPUT -m addrtype --dst-type LOCAL -j LOG", "-A INPUT -i eth+ -p udp -j DROP", policy="ACCEPT"),
]
_SETS = (
    "create peers hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x01020304\n"
    "add peers 192.0.2.0/24\nadd peers 192.0.2.3 nomatch\ncreate doors hash:ip,port family inet\n"
    "add doors 192.0.2.1,tcp:80\nadd doors 192.0.2.1,vrrp:0\ncreate web bitmap:port range 0-65535\nadd web 80-443\n"
    "create peers6 hash:ip family inet6\nadd peers6 fe80::a:2\ncreate both list:set size 8\nadd both peers\n"
    "add both peers6\n"
)
BY_HAND += [
    Case("iptables", {"/etc/sysconfig/ipset": _SETS} | _iptables(rule).files)
    for rule in (
        "-A INPUT -p vrrp -m set --match-set both src -j ACCEPT",
        "-A INPUT -m set ! --match-set both src -j ACCEPT",
        "-A INPUT -m set --match-set web dst -j ACCEPT",
        "-A INPUT -m set --match-set both src,dst -m set --match-set web src -j ACCEPT",
    )
]
BY_HAND.append(
    Case(
        "iptables",
        {
            "/etc/sysconfig/ipset": _SETS,
            "/etc/sysconfig/iptables": _iptables(
                "-A INPUT -m set --match-set doors dst,dst -j ACCEPT",
                "-A INPUT -m set --match-set doors dst -j ACCEPT",
                "-A INPUT -m set --match-set peers src -p udp -j ACCEPT",
            ).files["/etc/sysconfig/iptables"],
        },
    )
)
for backend in ("nftables", "iptables"):
    BY_HAND += [
        _firewalld(backend, zones__public='<zone><service name="http"/><protocol value="vrrp"/></zone>'),
        _firewalld(backend, direct='<direct><rule ipv="ipv4" table="filter" chain="INPUT" priority="0">'
                                   "-p vrrp -j ACCEPT</rule></direct>"),
        _firewalld(backend, zones__dmz='<zone><source address="192.0.2.0/24"/><service name="ssh"/></zone>',
                   zones__public='<zone target="ACCEPT"/>'),
        _firewalld(backend, zones__internal='<zone><interface name="eth0"/><service name="ssh"/></zone>',
                   policies__in='<policy priority="5" target="ACCEPT"><ingress-zone name="internal"/><egress-zone '
                                'name="HOST"/><rule><protocol value="vrrp"/><drop/></rule></policy>'),
        _firewalld(backend, policies__out='<policy target="REJECT"><ingress-zone name="HOST"/><egress-zone name="ANY"/>'
                                          '<protocol value="ah"/></policy>'),
        _firewalld(backend, zones__public='<zone><forward-port port="80" protocol="tcp" to-port="9999"/></zone>'),
    ]  # fmt: skip


_UFW_TUPLE = "### tuple ### allow {} 0.0.0.0/0 any {} in\n-A ufw-user-input {} -j ACCEPT\n"


def _ufw(changes: dict[str, tuple[str, str]], settings: str = "", *, plain: bool = True) -> Case:
    """The rules that ufw installs, with one text put in place of another in some files; `plain`: without comments."""
    found = {
        "/etc/default/ufw": 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n'
        f'DEFAULT_FORWARD_POLICY="DROP"\nMANAGE_BUILTINS=no\n{settings}',
        "/etc/ufw/ufw.conf": "ENABLED=yes\n",
    }
    for name in ("before", "after", "user", "before6", "after6", "user6"):
        text = Path(f"/usr/share/ufw/iptables/{name}.rules").read_text(encoding="utf-8")
        if plain:
            kept = [line for line in text.splitlines() if line and (line[0] != "#" or line.startswith("###"))]
            text = "\n".join(kept) + "\n"
        old, new = changes.get(name, ("", ""))
        found[f"/etc/ufw/{name}.rules"] = text.replace(old, new + old, 1) if old else text
    return Case("ufw", found)


_VRRP = "-A {}-before-input -p vrrp -j ACCEPT\n"
BY_HAND += [
    _ufw({}, plain=False),
    _ufw({"before": ("COMMIT", _VRRP.format("ufw")), "before6": ("COMMIT", _VRRP.format("ufw6"))}),
    # `ufw allow 112` and `ufw allow 80/tcp`
    _ufw({"user": ("-A ufw-user-limit ", _UFW_TUPLE.format("any 112", "0.0.0.0/0", "-p tcp --dport 112")
                   + "-A ufw-user-input -p udp --dport 112 -j ACCEPT\n"
                   + _UFW_TUPLE.format("tcp 80", "0.0.0.0/0", "-p tcp --dport 80"))}),
    _ufw({"user": ("-A ufw-user-limit ", _UFW_TUPLE.format("vrrp any", "192.0.2.2", "-p vrrp -s 192.0.2.2"))}),
    _ufw({"before": ("-A ufw-not-local -m addrtype --dst-type MULTICAST", "-A ufw-not-local -p vrrp -j DROP\n")},
         'DEFAULT_INPUT_POLICY="ACCEPT"\n'),
    _ufw({"user": ("-A ufw-user-limit ", "-A ufw-user-input -p vrrp -j DROP\n")}, 'DEFAULT_INPUT_POLICY="ACCEPT"\n'),
    _ufw({}, 'DEFAULT_INPUT_POLICY="REJECT"\nDEFAULT_OUTPUT_POLICY="DROP"\n'),
    _ufw({}, "IPV6=no\n"),
    _ufw({"user": ("-A ufw-user-limit ", "-A ufw-user-input -p tcp --dport 22 -m conntrack --ctstate NEW -m recent "
                   "--set\n-A ufw-user-input -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --update "
                   "--seconds 30 --hitcount 6 -j ufw-user-limit\n"
                   "-A ufw-user-input -p tcp --dport 22 -j ufw-user-limit-accept\n")}),
    # Chains of one's own, declared where they are first needed, and targets before their matches.
    _ufw({"before": ("COMMIT", ":guard - [0:0]\n:web - [0:0]\n-A ufw-before-input -p tcp --dport 22 -j guard\n"
                     "-A ufw-before-input -p tcp -m multiport --dports 80,443 -j web\n"
                     "-A guard -j DROP -s 203.0.113.0/24\n-A guard -j ACCEPT ! -i eth1\n"
                     "-A web -p tcp --syn -m connlimit --connlimit-above 50 --connlimit-mask 24 -j DROP\n"
                     "-A web -m recent --name web --set\n-A web -j ACCEPT\n-A INPUT -p ah -j ACCEPT\n"),
          "after": ("COMMIT", ":ufw-user-forward - [0:0]\n:others - [0:0]\n-A others -j ufw-user-forward\n"
                    "-A INPUT -p vrrp -i eth0 -j ACCEPT\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\n"
                    "-A OUTPUT -p tcp -m owner ! --uid-owner root -j REDIRECT --to-port 8118\n")}),
    _ufw({"before": ("*filter", "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth1 -j DROP\nCOMMIT\n"),
          "after": ("COMMIT", "-I ufw-before-input -p udp -j DROP\n-A ufw-after-input -p ah -j ACCEPT\n")}),
]  # fmt: skip


_POLICY = '<policy priority="-1" target="DROP"><ingress-zone name="{}"/><egress-zone name="{}"/></policy>'
_LAN = '<zone target="ACCEPT"><source address="192.0.2.0/25"/></zone>'
NEWER_BY_HAND = [
    case
    for backend in ("nftables", "iptables")
    for case in (
        _firewalld(backend, "debian13", zones__a='<zone ingress-priority="5" target="ACCEPT"><source address='
                   '"192.0.2.0/24"/></zone>', zones__b='<zone ingress-priority="-5" target="DROP"><source address='
                   '"192.0.2.0/25"/></zone>', zones__c='<zone target="ACCEPT"><source address="198.51.100.0/24"/>'
                   '</zone>', zones__d='<zone ingress-priority="-10" target="DROP"><interface name="eth1"/></zone>'),
        _firewalld(backend, "debian13", zones__public='<zone target="ACCEPT"/>',
                   policies__in=_POLICY.format("public", "HOST"), policies__out=_POLICY.format("HOST", "public")),
        _firewalld(backend, "debian13", zones__mine=_LAN, zones__public='<zone><interface name="eth0"/></zone>',
                   policies__in=_POLICY.format("public", "HOST"), policies__out=_POLICY.format("HOST", "public")),
    )
]  # fmt: skip


def main() -> None:
    newer = "newer" in sys.argv
    kernel = Kernel()
    drawings = [drawn(strategy, 3 * NUMBER, SEED)[2::3] for strategy in (NEWER if newer else CASES).values()]
    cases = (NEWER_BY_HAND if newer else BY_HAND) + [case for drawing in drawings for case in drawing]
    with FILE.with_name("newer.jsonl" if newer else FILE.name).open("w", encoding="utf-8") as out:
        for case in cases:
            answer = kernel.ask(case)
            if "error" in answer:
                raise SystemExit(f"{case}: {answer['error']}")
            marks = "".join({True: "+", False: "-", None: "?"}[passed] for passed in answer["passed"])
            head = {"kind": case.kind} | ({"os": case.os} if newer else {})
            out.write(json.dumps(head | {"passed": marks, "files": case.files}) + "\n")
    kernel.close()


if __name__ == "__main__":
    main()
