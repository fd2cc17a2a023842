"""Clusters drawn over what the fail-over model knows, as files, each with a few events.

Most are sound; of the others one thing differs between the nodes. What cannot happen in a lab is left out: processes
that die (a network namespace of its own hears nothing of them), keepalived stopped by a check, VLANs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_HAPROXY = """defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend www
    bind *:80
    bind :::80 v6only
    http-request return status 200
"""
_LOOKS = {
    "haproxy": "pidof haproxy >/dev/null",
    "network": "ping -c 1 -W 1 127.0.0.1 >/dev/null",
}
_WEIGHTS = [None, None, 0, -5, -20, -60, -100, 5, 20, 60]
_NFT = """table inet filter {{
    chain input {{
        type filter hook input priority 0; policy drop;
        iif lo accept
        {rules}
    }}
}}
"""
_IPTABLES = (
    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n{rules}COMMIT\n"
)
_SCRIPTS = "/etc/keepalived/check_"

Draw = Any


class Drawn(NamedTuple):
    """files: their text by path. events: what to let happen, each to a cluster that just started.
    firsts: for each of them the node that starts first, or "" where all start together."""

    files: dict[str, str]
    events: list[str]
    firsts: list[str]


class Check(NamedTuple):
    """kind: "script", "file" or "interface". nodes: who tracks it. shared: whether a sync group does."""

    name: str
    kind: str
    weight: int | None
    reverse: bool
    looks: str
    nodes: list[str]
    shared: bool
    instances: list[int]


@st.composite
def clusters(draw: Draw) -> Drawn:
    names = [f"lb{number + 1}" for number in range(draw(st.sampled_from([2, 2, 2, 3])))]
    hosts = dict(zip(names, draw(st.permutations([11, 12, 13])), strict=False))
    count = draw(st.sampled_from([1, 1, 1, 2]))
    grouped = count == 2 and draw(st.booleans())
    instances = [draw(_instance(number, names, hosts)) for number in range(count)]
    if grouped and draw(st.sampled_from([True, True, True, False])):
        for name in names:
            instances[1][name]["priority"] = instances[0][name]["priority"]
    checks = [draw(_check(number, names, count, grouped)) for number in range(draw(st.sampled_from([0, 1, 1, 2])))]
    files: dict[str, str] = {}
    for name in names:
        here = f"{name}/etc/"
        blocks = [_definition(check) for check in checks if name in check.nodes]
        blocks += [_block(instance[name], number, name, checks) for number, instance in enumerate(instances)]
        if grouped:
            shared = _tracked([check for check in checks if check.shared and name in check.nodes])
            members = "".join(f"        VI_{number + 1}\n" for number in range(count))
            blocks.append(f"vrrp_sync_group G {{\n    group {{\n{members}    }}\n{shared}}}\n")
        # keepalived wants what is tracked defined above, and a group may stand anywhere.
        files[here + "keepalived/keepalived.conf"] = (
            "global_defs {\n    enable_script_security\n    script_user root\n}\n" + "".join(blocks)
        )
        files[here + "haproxy/haproxy.cfg"] = _HAPROXY
        for check in checks:
            if name in check.nodes and check.kind == "script":
                files[f"{name}{_SCRIPTS}{check.name}.sh"] = f"#!/bin/sh\n{_LOOKS[check.looks]}\n"
            if name in check.nodes and check.kind == "file":
                files[f"{here}keepalived/{check.name}"] = "0\n"
        files[f"{name}/sos_commands/networking/ip_-o_addr"] = _addresses(
            hosts[name], [check for check in checks if name in check.nodes]
        )
    files |= draw(_firewalls(names, instances))
    events = draw(st.lists(st.sampled_from(_events(names, checks)), min_size=2, max_size=2, unique=True))
    firsts = [draw(st.sampled_from([""] * 6 + names)) for _ in events]
    return Drawn(files, events, firsts)


@st.composite
def _instance(draw: Draw, number: int, names: list[str], hosts: dict[str, int]) -> dict[str, dict[str, Any]]:
    """One instance as each node has it."""
    family = draw(st.sampled_from([4, 4, 4, 6]))
    version = 3 if family == 6 else draw(st.sampled_from([2, 3, 3]))
    network = "192.0.2." if family == 4 else "2001:db8::"
    vips = [
        f"{network}{20 + 10 * number + each}/{24 if family == 4 else 64}" for each in range(draw(st.integers(1, 3)))
    ]
    unicast = draw(st.sampled_from([False, False, True]))
    preemption = draw(st.sampled_from(["yes"] * 36 + ["no", "mixed"] + ["delayed"] * 4))
    interval = "1" if version == 2 else draw(st.sampled_from(["0.5", "0.5", "1"]))
    authentication = draw(st.sampled_from([None, "PASS", "PASS", "AH"])) if version == 2 else None
    priorities = draw(_priorities(len(names)))
    primary = draw(st.sampled_from([True] * 7 + [False]))
    found = {}
    for place, name in enumerate(names):
        wanted = preemption == "no" or (preemption == "mixed" and draw(st.booleans()))
        state = (
            "BACKUP"
            if preemption != "yes"
            else draw(st.sampled_from(["MASTER" if not place else "BACKUP"] * 3 + ["MASTER"]))
        )
        found[name] = {
            "family": family, "version": version, "vrid": 51 + number, "vips": vips, "interval": interval,
            "priority": priorities[place], "state": state, "nopreempt": wanted,
            "delay": 2 if preemption == "delayed" else 0, "auth": authentication, "password": "s3cret",
            "peers": [f"{network}{hosts[other]}" for other in names if other != name] if unicast else [],
            "source": f"{network}{hosts[name]}" if unicast else None, "primary": primary,
        }  # fmt: skip
    odd = found[draw(st.sampled_from(names))]
    change = draw(st.sampled_from([{}] * 24 + [_slip(kind, odd) for kind in _SLIPS]))
    odd.update(change)
    return found


_SLIPS = ("vrid", "vips", "interval", "version", "password", "auth", "peers", "source")


def _slip(kind: str, it: dict[str, Any]) -> dict[str, Any]:
    """One thing that a node has otherwise; nothing where it would be no difference."""
    if kind == "vrid":
        return {"vrid": it["vrid"] + 10}
    if kind == "vips":
        return {"vips": it["vips"][:-1] or [it["vips"][0].replace("0/", "9/")]}
    if kind == "interval":
        return {"interval": {"1": "2", "0.5": "1"}[it["interval"]]}
    if kind == "version":
        return {} if it["family"] == 6 else {"version": 5 - it["version"], "auth": None, "interval": "1"}
    if kind == "password":
        return {"password": "0ther"} if it["auth"] else {}
    if kind == "auth":
        return {"auth": {None: None, "PASS": "AH", "AH": None}[it["auth"]]}
    if kind == "peers":
        return {"peers": [], "source": None} if it["peers"] else {}
    return {"peers": [peer[:-1] + "9" for peer in it["peers"]]}


@st.composite
def _priorities(draw: Draw, count: int) -> list[int]:
    # Equal ones, and nopreempt, leave much to chance: most clusters are to have one outcome.
    ladder = st.permutations([150, 100, 90][:count])
    near = st.permutations([101, 100, 99][:count])
    far = st.permutations([1, 255, 254][:count])
    some = st.sampled_from([1, 50, 100, 110, 200, 254, 255])
    unlike, any_of = (st.lists(some, min_size=count, max_size=count, unique=each) for each in (True, False))
    found: list[int] = draw(st.one_of(*[ladder] * 8, near, near, far, unlike, unlike, any_of))
    return found


@st.composite
def _check(draw: Draw, number: int, names: list[str], count: int, grouped: bool) -> Check:
    kind = draw(st.sampled_from(["script", "script", "script", "file", "interface"]))
    weight = draw(st.sampled_from(_WEIGHTS)) if kind != "file" else 0
    reverse = kind == "script" and draw(st.sampled_from([False] * 7 + [True]))
    nodes = draw(st.sampled_from([names, names, names, names[:1], names[1:]]))
    shared = grouped and draw(st.booleans())
    instances = draw(st.sampled_from([list(range(count)), [0]]))
    looks = "haproxy" if not number else draw(st.sampled_from(["haproxy", "network", "network"]))
    name = "eth1" if kind == "interface" else f"{looks}{number}"
    return Check(name, kind, weight, reverse, looks, nodes, shared, instances)


@st.composite
def _firewalls(draw: Draw, names: list[str], instances: list[dict[str, dict[str, Any]]]) -> dict[str, str]:
    """Rules of nft or iptables on each node or none, of which one node's may lack what lets adverts in."""
    kind = draw(st.sampled_from([None] * 6 + ["nft", "iptables"]))
    if kind is None:
        return {}
    odd = draw(st.sampled_from(["", *names]))
    lacking = draw(st.sampled_from(["everything", "family", "protocol", "established"]))
    files = {}
    for name in names:
        slip = lacking if name == odd else ""
        if kind == "nft":
            rules = {
                "": ["meta l4proto { 112, 51 } accept"], "everything": [], "family": ["ip protocol vrrp accept"],
                "protocol": ["meta l4proto 112 accept"], "established": ["ct state established,related accept"],
            }[slip]  # fmt: skip
            rules = [*rules, "ip6 nexthdr icmpv6 accept"]
            files[f"{name}/etc/nftables.conf"] = _NFT.format(rules="\n        ".join(rules))
        else:
            chosen = {
                "": ["-p 112", "-p 51"], "everything": [], "family": ["-p 112", "-p 51"], "protocol": ["-p 112"],
                "established": ["-m conntrack --ctstate ESTABLISHED"],
            }[slip]  # fmt: skip
            text = "".join(f"-A INPUT {rule} -j ACCEPT\n" for rule in chosen)
            files[f"{name}/etc/iptables/rules.v4"] = _IPTABLES.format(rules=text)
            text = "" if slip == "family" else text
            files[f"{name}/etc/iptables/rules.v6"] = _IPTABLES.format(rules=text + "-A INPUT -p ipv6-icmp -j ACCEPT\n")
    return files


def _definition(check: Check) -> str:
    weight = "" if check.weight is None else f"    weight {check.weight}{' reverse' if check.reverse else ''}\n"
    if check.kind == "script":
        return f'vrrp_script {check.name} {{\n    script "{_SCRIPTS}{check.name}.sh"\n    interval 1\n{weight}}}\n'
    if check.kind == "file":
        return f'track_file {check.name} {{\n    file "/etc/keepalived/{check.name}"\n{weight}}}\n'
    return ""


def _tracked(checks: list[Check]) -> str:
    text = ""
    for check in checks:
        weight = f" weight {check.weight}" if check.kind == "interface" and check.weight is not None else ""
        text += f"    track_{check.kind} {{\n        {check.name}{weight}\n    }}\n"
    return text


def _block(it: dict[str, Any], number: int, name: str, checks: list[Check]) -> str:
    own = [check for check in checks if not check.shared and name in check.nodes and number in check.instances]
    lines = [f"state {it['state']}", "interface eth0", f"virtual_router_id {it['vrid']}", f"priority {it['priority']}"]
    lines += [f"advert_int {it['interval']}"]
    lines += [f"version {it['version']}"] if it["family"] == 4 else []
    lines += ["nopreempt"] if it["nopreempt"] else []
    lines += [f"preempt_delay {it['delay']}"] if it["delay"] else []
    lines += [] if it["primary"] else ["dont_track_primary"]
    if it["auth"]:
        lines += ["authentication {", f"    auth_type {it['auth']}", f"    auth_pass {it['password']}", "}"]
    if it["source"]:
        lines += [f"unicast_src_ip {it['source']}"]
    if it["peers"]:
        lines += ["unicast_peer {", *(f"    {peer}" for peer in it["peers"]), "}"]
    lines += ["virtual_ipaddress {", *(f"    {vip}" for vip in it["vips"]), "}"]
    body = "".join(f"    {line}\n" for line in lines)
    return f"vrrp_instance VI_{number + 1} {{\n{body}{_tracked(own)}}}\n"


def _addresses(host: int, checks: list[Check]) -> str:
    lines = ["1: lo    inet 127.0.0.1/8 scope host lo", f"2: eth0    inet 192.0.2.{host}/24 scope global eth0"]
    lines += [f"2: eth0    inet6 2001:db8::{host}/64 scope global", f"2: eth0    inet6 fe80::{host}/64 scope link"]
    if any(check.kind == "interface" for check in checks):
        lines += [
            f"3: eth1    inet 198.51.100.{host}/24 scope global eth1",
            f"3: eth1    inet6 fe80::1:{host}/64 scope link",
        ]
    return "".join(line + "\n" for line in lines)


def _events(names: list[str], checks: list[Check]) -> list[str]:
    found = [f"{kind}:{name}" for kind in ("node-down", "node-up", "service-down") for name in names]
    found += [f"vrrp-blocked:{name}{way}" for name in names for way in ("", ":in", ":out")]
    tracked = [check for check in checks if check.kind == "interface"]
    found += [
        f"link-down:{name}:eth0" if any(name in check.nodes for check in tracked) else f"link-down:{name}"
        for name in names
    ]
    # What a check finds is of most interest; of haproxy's, that is its death.
    found += [f"service-down:{name}" for check in checks if check.looks == "haproxy" for name in check.nodes] * 2
    for check in (one for one in checks if one.kind != "script" or one.looks != "haproxy"):
        kind = "link-down" if check.kind == "interface" else "check-failed"
        found += [f"{kind}:{name}:{check.name}" for name in check.nodes] * 3
    return found


def draw_clusters(count: int, number: int) -> list[Drawn]:
    """`count` different clusters; the same for the same `number`, by the same version of hypothesis."""
    found: dict[str, Drawn] = {}
    while len(found) < count:
        drawn = _one(number)
        found.setdefault(repr(drawn), drawn)
        number += 1_000_003
    return list(found.values())


def _one(number: int) -> Drawn:
    """Of hypothesis' examples the first is always the same, and later ones resemble those before."""
    last: list[Drawn] = []

    @seed(number)
    @settings(
        max_examples=2, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(clusters())
    def collect(drawn: Drawn) -> None:
        last.append(drawn)

    collect()
    return last[-1]
