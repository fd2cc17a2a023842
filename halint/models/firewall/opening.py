"""The edits that open a firewall for packets that it refuses.

`opening` finds where each base chain comes to refuse them; a writer for each kind of firewall (`_WRITERS`) puts
rules there. What is let in is limited to the sources where these are known, else to the interface: a fix opens no
more than its finding is about. An accept goes before the rule that decides and behind those that do not match.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from halint.finding import Create, Edit
from halint.fixes import edits
from halint.models.firewall.names import AH, UDP, VRRP
from halint.readers.lexer import compiled
from halint.tree import Statement

if TYPE_CHECKING:
    from halint.models.firewall import Firewall
    from halint.models.firewall.chains import Base, Chain, Packet, Rule, Step
    from halint.models.firewall.firewalld import Firewalld
    from halint.models.firewall.firewalld.services import Service
    from halint.models.firewall.firewalld.zones import Zone

_PROTOCOL_NAMES = {VRRP: "vrrp", AH: "ah"}
#: A name that needs no quotes and is no pattern, and no longer than the kernel has them.
_INTERFACE = r"[\w.-]{1,15}"

Edits = list[Edit | Create]


class Wanted:
    """What one place must let through.

    protocol: by its name. ports: "80" or "8000-8010", "" for protocols without ports. sources: addresses, empty for
    anybody. interface: where the packets arrive, None for anywhere, or where they leave.
    """

    __slots__ = ("direction", "family", "interface", "ports", "protocol", "sources")

    def __init__(self, packet: Packet, sources: list[str], ports: str) -> None:
        self.direction = packet.direction
        self.family = packet.family
        self.ports = ports
        transport = "udp" if packet.protocol == UDP else "tcp"
        self.protocol = transport if ports else _PROTOCOL_NAMES[packet.protocol]
        self.sources = sources
        named = packet.interface if compiled(_INTERFACE).fullmatch(packet.interface or "") else None
        self.interface = named if packet.direction == "in" and not sources else None

    @property
    def key(self) -> tuple[object, ...]:
        return self.direction, self.family, self.interface


def opening(firewall: Firewall, packets: list[Packet], sources: list[str], ports: str) -> Edits | None:
    """Edits after which the files accept all of `packets`, of one protocol: only from `sources` where there are some.

    None where one of them is refused by what no added line outweighs, or where nothing refuses them.
    """
    write = _WRITERS.get(firewall.kind)
    if write is None:
        return None
    found: Edits = []
    written = set()
    for packet in packets:
        wanted = Wanted(packet, sources, ports)
        for base, steps in firewall.refusing(packet):
            step = steps[-1] if firewall.firewalld is not None else _own_step(base, steps)
            if firewall.kind == "ufw":
                step = _ufw_step(steps, step)
            key = id(step[0]), id(step[1]), *wanted.key
            if key not in written:
                written.add(key)
                made = write(firewall, step, wanted)
                if made is None:
                    return None
                found += made
    return found or None


def listing(firewall: Firewall, service: Service, packet: Packet) -> Edits | None:
    """Edits after which the zone that refuses `packet` lists `service`; None where that is no matter of a line."""
    refusing = firewall.refusing(packet)
    if firewall.firewalld is None or len(refusing) != 1:
        return None
    zone = _zone(firewall.firewalld, refusing[0][1][-1])
    return None if zone is None else _into_zone(firewall, zone, [f'<service name="{service.name}"/>'])


def _own_step(base: Base, steps: list[Step]) -> Step:
    """The innermost of `steps` whose chain nothing else jumps to: what another hook asks must not be opened, too."""
    at = steps[0]
    for step in steps[1:]:
        names = {name for name, chain in base.chains.items() if chain is step[0]}
        if sum(rule.target in names for chain in base.chains.values() for rule in chain.rules) > 1:
            break
        at = step
    return at


# firewalld


def _write_zone(firewall: Firewall, step: Step, wanted: Wanted) -> Edits | None:
    zone = _zone(firewall.firewalld, step) if firewall.firewalld is not None else None
    if zone is None:
        return None
    if wanted.ports:
        what = f'<port port="{wanted.ports}" protocol="{wanted.protocol}"/>'
        service = None if wanted.sources else _service_of_haproxy(firewall, zone)
        if service is not None:
            return [edits.into(service, what)]
    else:
        what = f'<protocol value="{wanted.protocol}"/>'
    rich = [line for source in wanted.sources for line in _rich_rule(wanted.family, source, what)]
    return _into_zone(firewall, zone, rich or [what])


def _zone(firewalld: Firewalld, step: Step) -> Zone | None:
    """The zone at whose end `step` is."""
    chain, rule = step
    kind, _, name = chain.label.partition(" ")
    return firewalld.zones.get(name) if kind == "zone" and rule is None else None


def _into_zone(firewall: Firewall, zone: Zone, lines: list[str]) -> Edits | None:
    """Edits that add `lines` to `zone`: a packaged one gets a file of its own in /etc first."""
    node, root = firewall.node, zone.root
    if root is not None:
        edit = edits.into(root, *lines) if root.body is not None else _opened(root, lines)
        if zone.path in node.files:
            return [edit]
        text = root.source.text[: edit.start] + edit.text + root.source.text[edit.end :]
    else:
        text = _zone_file(firewall, zone, lines)
    return None if node.host_path(zone.path) is None else [Create(node, zone.path, text)]


def _opened(root: Statement, lines: list[str]) -> Edit:
    """Put `lines` into an element that is written as `<zone/>`."""
    end = edits.newline(root.source)
    text = "".join(f"  {line}{end}" for line in lines)
    return Edit(root.source, root.end - 2, root.end, f">{end}{text}</{root.keyword}>")


def _zone_file(firewall: Firewall, zone: Zone, lines: list[str]) -> str:
    """A file for the stock zone `zone`, with `lines` added. EL 7 and 8 ship their zones without <forward/>."""
    assert firewall.firewalld is not None
    target = "" if zone.target == "default" else f' target="{zone.target}"'
    body = [f"<short>{zone.name.capitalize()}</short>"]
    body += [f'<service name="{service}"/>' for service in firewall.firewalld.zones.stock_services(zone.name)]
    body += lines
    if zone.name == "external":
        body.append("<masquerade/>")
    if firewall.node.targets.os not in ("el7", "el8"):
        body.append("<forward/>")
    text = "".join(f"  {line}\n" for line in body)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<zone{target}>\n{text}</zone>\n'


def _service_of_haproxy(firewall: Firewall, zone: Zone) -> Statement | None:
    """The element of the node's own service for haproxy, if `zone` lists it, and no other does."""
    assert firewall.firewalld is not None
    others = [other for other in firewall.firewalld.zones.own if other is not zone]
    elsewhere = {name for other in others for name in other.service_names}
    for name in zone.service_names:
        source = firewall.node.files.get(f"/etc/firewalld/services/{name}.xml")
        if source is not None and "haproxy" in name.lower() and name not in elsewhere:
            root = firewall.node.tree(source).statements[0]
            if root.body and not any(root.statements("destination")):
                return root
    return None


def _rich_rule(family: int, source: str, what: str) -> list[str]:
    """A rich rule as firewalld writes it."""
    return [f'<rule family="ipv{family}">', f'  <source address="{source}"/>', f"  {what}", "  <accept/>", "</rule>"]


# nftables


def _write_chain(_firewall: Firewall, step: Step, wanted: Wanted) -> Edits | None:
    chain, rule = step
    line = _nft_rule(wanted)
    at = _place(chain, rule)
    if not isinstance(at, Statement):
        return None
    head = _nft_head(at)
    if head is not None:
        # What is inserted stands before what was inserted earlier.
        behind = rule is None or head[0] == "insert"
        return [(edits.after if behind else edits.before)(at, " ".join([*head, line]))]
    block = at.parent
    if block is None or block.keyword != "chain":
        return None
    if at.source.line_start(at.start) < block.body_start:  # the chain is written on one line
        place = block.body_end if rule is None else at.start
        return [Edit(at.source, place, place, f"{line}; ")]
    return [edits.into(block, line) if rule is None else edits.before(at, line)]


def _nft_rule(wanted: Wanted) -> str:
    limit = ""
    if wanted.interface is not None:
        limit = f'iifname "{wanted.interface}" '
    elif wanted.sources:
        several = f"{{ {', '.join(wanted.sources)} }}" if len(wanted.sources) > 1 else wanted.sources[0]
        limit = f"{'ip' if wanted.family == 4 else 'ip6'} saddr {several} "
    what = f"{wanted.protocol} dport {wanted.ports}" if wanted.ports else f"meta l4proto {wanted.protocol}"
    return f"{limit}{what} accept"


def _nft_head(at: Statement) -> list[str] | None:
    """What a command that adds a rule to the chain of the command `at` begins with; None where that is a line of a
    block."""
    texts = [word.text for word in at.words]
    operation = texts.pop(0) if texts[0] in ("add", "insert") else "add"
    if at.parent is not None or texts[0] not in ("rule", "chain"):
        return None
    length = 3 if texts[1] in ("ip", "ip6", "inet", "netdev") else 2
    return [operation if texts[0] == "rule" else "add", "rule", *texts[1 : 1 + length]]


# iptables


def _write_table(_firewall: Firewall, step: Step, wanted: Wanted) -> Edits | None:
    chain, rule = step
    at = _place(chain, rule)
    if not isinstance(at, Statement) or at.parent is None:
        return None
    limits = [f"-s {source} " for source in wanted.sources]
    limits = limits or ["" if wanted.interface is None else f"-i {wanted.interface} "]
    what = f"-p {wanted.protocol}"
    if wanted.ports:
        what += f" -m {wanted.protocol} --dport {wanted.ports.replace('-', ':')}"
    name = chain.label.removeprefix("chain ")
    inserted = rule is not None and not any(word.text in ("-A", "--append") for word in at.words)
    lines = [f"{'-I' if inserted else '-A'} {name} {limit}{what} -j ACCEPT" for limit in limits]
    # What is inserted stands before what was inserted earlier.
    return [(edits.after if inserted or rule is None else edits.before)(at, *lines)]


# ufw


def _ufw_step(steps: list[Step], own: Step) -> Step:
    """The last of `steps` that a file written by hand makes, where what refuses is ufw's own: what would be read
    behind it comes too late."""
    if isinstance(_place(*own), Statement):
        return own
    return next((step for step in reversed(steps) if isinstance(_place(*step), Statement)), own)


def _write_ufw(firewall: Firewall, step: Step, wanted: Wanted) -> Edits | None:
    from halint.models.firewall import ufw

    at = _place(*step)
    if isinstance(at, Statement):
        # What stands in before.rules is passed there; what `ufw deny` refuses stays refused.
        return _write_table(firewall, step, wanted) if ufw.is_edited_by_hand(at) else None
    assert firewall.ufw is not None
    edit = None if step[0].label == ufw.NO_IPV6 else firewall.ufw.opened(wanted)
    return None if edit is None else [edit]


def _place(chain: Chain, rule: Rule | None) -> object:
    """Where `rule` stands, or the end of `chain`: its last rule, or what declares it."""
    if rule is not None:
        return rule.at
    return chain.rules[-1].at if chain.rules else chain.at


#: For each kind of firewall: the edits that put an accept for what is wanted in a place, or None where there is none.
_WRITERS: dict[str, Callable[[Firewall, Step, Wanted], Edits | None]] = {
    "firewalld": _write_zone,
    "nftables": _write_chain,
    "iptables": _write_table,
    "ufw": _write_ufw,
}
