"""Clusters that need what their firewall may refuse, drawn around the rule sets of rule_sets.py, and what `halint fix`
makes of them, held against the kernel."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st
from packet_verdicts import UNITS, Kernel, firewall_of, judge
from rule_sets import CASES, Case
from traffic import AH, LINK_LOCAL, NODE, PACKETS, PEER, TCP, UDP, VRRP, VRRP_GROUP

from halint.finding import Finding
from halint.models.firewall import Packet

sys.path.append(str(Path(__file__).parents[1]))
from fixing import fix, lay_out, planned

_ADVERT_CODES = frozenset({"FW101", "FW102", "FW103", "FW104", "FW105", "FW106", "FW107", "FW110"})


class Need(NamedTuple):
    """What has to come through. codes: of the rules that say that it does not. ports: for these, None for a protocol.
    sources: whom it must be let in from, and nobody else; None where the cluster does not tell."""

    codes: frozenset[str]
    direction: str
    protocol: int
    family: int
    interface: str
    destination: str
    ports: tuple[int, int] | None = None
    sources: frozenset[str] | None = None

    def is_met_by(self, packet: dict[str, Any]) -> bool:
        """Whether `packet` is one that has to come through."""
        return (
            self._is_about(packet)
            and packet["family"] == self.family
            and packet["interface"] == self.interface
            and packet["destination"] == self.destination
            and packet["state"] == "new"
            and (self.direction == "out" or self.ports is not None and self.sources is None or self._from_peer(packet))
        )

    def excuses(self, packet: dict[str, Any], interfaces: frozenset[str]) -> bool:
        """Whether a fix may let `packet` in. interfaces: those that the firewall cannot tell from that of the need."""
        if not self._is_about(packet):
            return False
        if self.sources is not None:
            return packet["source"] in self.sources
        return packet["interface"] in interfaces | {self.interface} or self.direction == "out"

    def _is_about(self, packet: dict[str, Any]) -> bool:
        if (packet["direction"], packet["protocol"]) != (self.direction, self.protocol):
            return False
        return self.ports is None or self.ports[0] <= (packet["port"] or 0) <= self.ports[1]

    def _from_peer(self, packet: dict[str, Any]) -> bool:
        return packet["source"] in (PEER[self.interface, self.family], LINK_LOCAL[self.interface])


class Cluster(NamedTuple):
    """case: the rules of lb1. files: all others. needs: what lb1 must let through."""

    case: Case
    files: dict[str, str]
    needs: list[Need]

    @property
    def all_files(self) -> dict[str, str]:
        return self.files | {f"lb1{path}": text for path, text in self.case.files.items()}

    @property
    def links(self) -> dict[str, str]:
        unit = UNITS[self.case.kind]
        return {f"lb1/etc/systemd/system/multi-user.target.wants/{unit}.service": f"/lib/systemd/system/{unit}.service"}


class Instance(NamedTuple):
    """A VRRP instance. told: whether the files tell what the peer sends its adverts from."""

    family: int = 4
    interface: str = "eth0"
    unicast: bool = False
    signed: bool = False
    told: bool = True


class Frontend(NamedTuple):
    """A frontend of haproxy with its ports on the address of an interface."""

    low: int
    high: int
    family: int = 4
    interface: str = "eth0"
    udp: bool = False


def pair(case: Case, instances: list[Instance], frontends: list[Frontend], peers: int | None = None) -> Cluster:
    """Two nodes. peers: the port of a peers section."""
    files: dict[str, str] = {}
    needs: list[Need] = []
    for interface in ("eth0", "eth1"):
        own = [NODE[interface, 4], NODE[interface, 6]]
        files[f"lb1/etc/systemd/network/{interface}.network"] = _network(interface, *own)
    for name in ("lb1", "lb2"):
        text = "\n".join(_instance(number, one, name == "lb1") for number, one in enumerate(instances))
        files[f"{name}/etc/keepalived/keepalived.conf"] = text
        text = "".join(_frontend(one, NODE if name == "lb1" else PEER) for one in frontends)
        if peers is not None:
            lines = f"    peer lb1 {NODE['eth0', 4]}:{peers}\n    peer lb2 {PEER['eth0', 4]}:{peers}\n"
            text += f"peers mates\n{lines}"
        if text:
            files[f"{name}/etc/haproxy/haproxy.cfg"] = text + "backend b\n    mode http\n    server s 10.0.0.1:80\n"
    for one in instances:
        at, group = (one.interface, one.family), VRRP_GROUP[one.family]
        protocol = AH if one.signed else VRRP
        sources = frozenset({_sender(one)}) if one.told or one.unicast else None
        needs.append(Need(_ADVERT_CODES, "in", protocol, one.family, one.interface, NODE[at] if one.unicast else group,
                          None, sources))  # fmt: skip
        needs.append(Need(_ADVERT_CODES, "out", protocol, one.family, one.interface,
                          PEER[at] if one.unicast else group))  # fmt: skip
    for port in frontends:
        needs.append(Need(frozenset({"FW110", "FW111"}), "in", UDP if port.udp else TCP, port.family, port.interface,
                          NODE[port.interface, port.family], (port.low, port.high)))  # fmt: skip
    if peers is not None:
        needs.append(Need(frozenset({"FW113"}), "in", TCP, 4, "eth0", NODE["eth0", 4], (peers, peers),
                          frozenset({PEER["eth0", 4]})))  # fmt: skip
        closed = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p vrrp -j ACCEPT\n-A INPUT -p ah -j ACCEPT\nCOMMIT\n"
        files |= {"lb2/etc/iptables/rules.v4": closed, "lb2/etc/iptables/rules.v6": closed}
    return Cluster(case, files, needs)


def _sender(one: Instance) -> str:
    """What the peer sends its adverts from."""
    return PEER[one.interface, one.family] if one.family == 4 or one.unicast else LINK_LOCAL[one.interface]


def _instance(number: int, one: Instance, own: bool) -> str:
    at = one.interface, one.family
    here, there = (NODE, PEER) if own else (PEER, NODE)
    lines = [
        f"vrrp_instance VI_{number} {{", f"    state {'MASTER' if own else 'BACKUP'}", f"    interface {one.interface}",
        f"    virtual_router_id {50 + number}", f"    priority {150 if number % 2 == own else 100}",
    ]  # fmt: skip
    if one.unicast:
        lines += [f"    unicast_src_ip {here[at]}", "    unicast_peer {", f"        {there[at]}", "    }"]
    elif one.told and not own:
        lines.append(f"    mcast_src_ip {_sender(one)}")
    if one.signed:
        lines += ["    authentication {", "        auth_type AH", "        auth_pass s3cret", "    }"]
    vip = f"192.0.2.{100 + number}/24" if one.family == 4 else f"2001:db8:a::{100 + number}/64"
    return "\n".join([*lines, "    virtual_ipaddress {", f"        {vip}", "    }", "}"]) + "\n"


def _frontend(one: Frontend, addresses: dict[tuple[str, int], str]) -> str:
    host = addresses[one.interface, one.family]
    ports = f"{one.low}-{one.high}" if one.low < one.high else str(one.low)
    bind = f"[{host}]:{ports}" if one.family == 6 else f"{host}:{ports}"
    bind = f"quic{one.family}@{bind} ssl crt /etc/haproxy/lb.pem" if one.udp else bind
    return f"frontend f{one.low}_{one.high}\n    mode http\n    bind {bind}\n    default_backend b\n"


def _network(interface: str, *addresses: str) -> str:
    lines = "".join(f"Address={text}/{64 if ':' in text else 24}\n" for text in addresses)
    return f"[Match]\nName={interface}\n\n[Network]\n{lines}"


_FAMILIES, _INTERFACES = st.sampled_from((4, 4, 6)), st.sampled_from(("eth0", "eth0", "eth1"))


@st.composite
def _instances(draw: st.DrawFn) -> list[Instance]:
    found = []
    for _ in range(draw(st.integers(1, 2))):
        one = Instance(draw(_FAMILIES), draw(_INTERFACES), draw(st.booleans()), False, draw(st.booleans()))
        # Of signed adverts the kernel is asked about some alone.
        signed = one.family == 4 and one.interface == "eth0" and draw(st.integers(0, 2)) == 0
        found.append(one._replace(signed=signed))
    return found


@st.composite
def _frontends(draw: st.DrawFn) -> list[Frontend]:
    kinds = ((80, 80), (443, 443), (8080, 8081), (3306, 3306), (80, 443))
    ports = draw(st.lists(st.sampled_from(kinds), max_size=2, unique=True))
    return [
        Frontend(low, high, draw(_FAMILIES), draw(_INTERFACES), low == 443 and draw(st.booleans()))
        for low, high in ports
    ]


@st.composite
def clusters(draw: st.DrawFn, cases: st.SearchStrategy[Case]) -> Cluster:
    case = variant(draw, draw(cases))
    return pair(case, draw(_instances()), draw(_frontends()), draw(st.sampled_from((None, 8080, 3306, 80))))


def variant(draw: st.DrawFn, case: Case) -> Case:
    """The same rules, written otherwise."""
    written = {"nft": (str, _as_commands, _on_one_line), "iptables": (str, _inserted)}.get(case.kind, (str,))
    change = draw(st.sampled_from(written))
    return Case(case.kind, {path: change(text) for path, text in case.files.items()})


def _as_commands(text: str) -> str:
    """An nft rule set without blocks."""
    found: list[str] = []
    table = chain = ""
    for line in text.splitlines():
        words = line.split()
        if words[0] == "define":
            found.append(line)
        elif words[0] == "table":
            table = " ".join(words[1:-1])
            found.append(f"add table {table}")
        elif line == "flags dormant":
            found[-1] += " { flags dormant; }"
        elif words[0] == "set":
            found.append(f"add {words[0]} {table} {' '.join(words[1:])}")
        elif words[0] == "chain":
            chain = words[1]
            found.append(f"add chain {table} {chain}")
        elif words[0] == "type":
            found[-1] += f" {{ {line} }}"
        elif line != "}":
            found.append(f"add rule {table} {chain} {line}")
    return "\n".join(found) + "\n"


def _on_one_line(text: str) -> str:
    """An nft rule set with each chain on a line of its own."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        if inside:
            found[-1] += f" {line}" if line == "}" or line.endswith(";") else f" {line};"
            inside = line != "}"
        else:
            found.append(line)
            inside = line.startswith("chain ")
    return "\n".join(found) + "\n"


def _inserted(text: str) -> str:
    """Rules of iptables in the order in which -I is to read them."""
    lines = text.splitlines()
    rules = [line for line in lines if line.startswith("-A ")]
    head = [line for line in lines if not line.startswith(("-A ", "COMMIT"))]
    return "\n".join([*head, *(f"-I{rule[2:]}" for rule in reversed(rules)), "COMMIT"]) + "\n"


class Healed(NamedTuple):
    """What a fix did. before, after: for each packet, whether it passed. files: the rules of lb1 as they are then.
    titles: of the fixes that were made. faults: what a fix must not do. counts: of the packets that were needed and
    refused: all, those that some fix was about, and those that came through in the end."""

    cluster: Cluster
    before: list[bool | None]
    after: list[bool | None]
    files: dict[str, str]
    titles: list[str]
    faults: list[str]
    counts: Counter[str]

    def __str__(self) -> str:
        old = self.cluster.case.files
        shown = [f"--- {path}\n{text}" for path, text in self.cluster.all_files.items()]
        shown += [f"+++ {path}\n{text}" for path, text in self.files.items() if old.get(path) != text]
        return "\n".join([*shown, *self.titles, *self.faults])


def heal(kernel: Kernel, cluster: Cluster) -> Healed:
    """Fix the firewall of lb1, load the fixed rules and send the packets again."""
    before = _passed(kernel, cluster.case)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, cluster.all_files, cluster.links)
        done = [fix(folder, "FW"), fix(folder, "FW", unsafe=True)]
        if planned(folder, "FW", unsafe=True).changes:
            faults.append("fixing once more changes something")
        found = fixed_rules(folder / "lb1")
        # In the order in which they are loaded: sets before the rules that ask for them.
        files = {path: found[path] for path in [*cluster.case.files, *found]}
    fixed = Case(cluster.case.kind, files)
    after = _passed(kernel, fixed)
    applied = [f for one in done for f in one.applied if f.location.node is not None and f.location.node.name == "lb1"]
    if cluster.case.kind != "ufw":  # where before.rules end early, what is added at their end comes too late
        faults += [f"{r.finding.code} {r.finding.message}: refused, {r.reason}" for one in done for r in one.refused]
    faults += _harm(cluster, fixed, before, after, applied)
    counts: Counter[str] = Counter()
    for n, packet in enumerate(PACKETS):
        for need in cluster.needs if before[n] is False else ():
            if need.is_met_by(packet):
                counts.update(needed=1, healed=after[n] is True)
                fixes = [finding for finding in applied if finding.code in need.codes and _is_about(finding, need)]
                counts["fixed"] += bool(fixes)
                if fixes and not after[n] and not _may_be_refused(fixed, need, packet):
                    faults.append(f"{[finding.code for finding in fixes]}: {packet} is refused still")
    titles = [f"{f.code} {f.fix.title if f.fix else ''}" for f in applied]
    return Healed(cluster, before, after, files, titles, faults, counts)


def fixed_rules(node: Path) -> dict[str, str]:
    """The files of its firewall by path, as the node sees them."""
    roots = [node / "etc" / name for name in ("firewalld", "nftables.conf", "sysconfig", "iptables", "ufw", "default")]
    found = [path for root in roots for path in (root, *root.rglob("*")) if path.is_file()]
    return {f"/{path.relative_to(node)}": path.read_text() for path in sorted(found)}


def _may_be_refused(fixed: Case, need: Need, packet: dict[str, Any]) -> bool:
    """Whether something else may refuse `packet` that a fix leaves as it is: a limit, or what is for some sources."""
    asked = Packet(**packet) if need.sources is not None else Packet(**packet).but(source=None)
    return firewall_of(fixed).accepts(asked).verdict is None


def _harm(
    cluster: Cluster, fixed: Case, before: list[bool | None], after: list[bool | None], applied: list[Finding]
) -> list[str]:
    """What is let in that nobody needs, and what is no longer let in."""
    together = frozenset({"eth0", "eth1"} if cluster.case.kind == "firewalld" else ())
    listed = any(finding.code == "FW110" for finding in applied)
    ours = zip(judge(cluster.case, {}).ours, judge(fixed, {}).ours, strict=True)
    # What comes through a rate limit is chance.
    chance = [None in pair and any("limit" in text for text in fixed.files.values()) for pair in ours]
    found = []
    for n, packet in enumerate(PACKETS):
        if before[n] and after[n] is False and not chance[n]:
            found.append(f"{packet} came through, and does no longer")
        excused = chance[n] or listed and _is_listed(packet)
        excused = excused or any(need.excuses(packet, together) for need in cluster.needs)
        if before[n] is False and after[n] and not excused:
            found.append(f"{packet} is let in, and nobody needs it")
    return found


def _is_listed(packet: dict[str, Any]) -> bool:
    """Whether a service that FW110 may list, as it is, lets `packet` in."""
    return packet["protocol"] == VRRP or packet["protocol"] == TCP and packet["port"] in (80, 3306, 8080)


def _is_about(finding: Finding, need: Need) -> bool:
    """Whether `finding` says that `need` is not met: the one of several alike may be fixed, the other unknown."""
    title = finding.fix.title if finding.fix else ""
    if need.ports is not None:
        over = "udp" if need.protocol == UDP else "tcp"
        opened = re.findall(rf"(\d+)(?:-(\d+))?/{over}", title if finding.code != "FW110" else finding.message)
        overlaps = any(int(low) <= need.ports[1] and int(high or low) >= need.ports[0] for low, high in opened)
        return overlaps and (finding.code != "FW111" or need.interface in finding.message.rpartition(", on ")[2])
    if (finding.code == "FW102") != (need.direction == "out") or f" {need.interface}" not in finding.message:
        return False
    if finding.code == "FW110":  # the services have no AH, and "bound" is for multicast alone
        return need.protocol == VRRP and ("bound" not in title or need.destination in VRRP_GROUP.values())
    return title.startswith(f"accept {'AH' if need.protocol == AH else 'VRRP'} ")


def _passed(kernel: Kernel, case: Case) -> list[bool | None]:
    answer = kernel.ask(case)
    if "error" in answer:
        raise RuntimeError(f"{answer['error']}\n{case}")
    passed: list[bool | None] = answer["passed"]
    return passed


CLUSTERS = {name: clusters(strategy) for name, strategy in CASES.items()}
