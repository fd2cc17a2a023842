"""Rule sets drawn by hypothesis from what the models follow, a few constructs that they do not follow among them."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st


class Case(NamedTuple):
    """kind: nft, iptables, firewalld or ufw. files: by their path on the node. os: the distribution whose programs
    they are for."""

    kind: str
    files: dict[str, str]
    os: str = "debian12"


Lines = st.SearchStrategy[str]

_ADDRESSES = {
    4: ("192.0.2.2", "192.0.2.3", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.9", "203.0.113.0/25", "10.0.0.0/8",
        "192.0.2.0/25", "192.0.2.2-192.0.2.9"),
    6: ("2001:db8:a::2", "2001:db8:a::/64", "2001:db8:b::/64", "fe80::/10", "2001:db8::/32", "2001:db8:f::9",
        "2001:db8:a::2-2001:db8:a::3"),
}  # fmt: skip
_DESTINATIONS = {
    4: ("224.0.0.18", "192.0.2.1", "224.0.0.0/4", "192.0.2.0/24", "224.0.0.251"),
    6: ("ff02::12", "2001:db8:a::1", "ff00::/8", "2001:db8:a::/64", "ff02::fb"),
}
_PORTS = ("22", "80", "443", "53", "3306", "8080", "514", "5353", "1-1023", "80-443", "8000-9000")
_PROTOCOLS = ("vrrp", "tcp", "udp", "112", "6", "ah", "51", "ospf", "17")


def _listed(values: tuple[str, ...], comma: str = ", ") -> Lines:
    return st.lists(st.sampled_from(values), min_size=1, max_size=4, unique=True).map(comma.join)


# nft


def _disjoint(values: tuple[str, ...]) -> Lines:
    """A set of nft: without intervals, so that none overlaps another."""
    plain = tuple(value for value in values if not any(mark in value for mark in "/-"))
    return _listed(plain).map(lambda text: f"{{ {text} }}")


def _nft_value(values: tuple[str, ...]) -> Lines:
    return st.one_of(st.sampled_from(values), st.sampled_from(values).map("!= {}".format), _disjoint(values))


def _nft_family_match(family: int) -> Lines:
    word = {4: "ip", 6: "ip6"}[family]
    return st.one_of(
        _nft_value(_ADDRESSES[family]).map(f"{word} saddr {{}}".format),
        _nft_value(_DESTINATIONS[family]).map(f"{word} daddr {{}}".format),
        st.just(f"{word} saddr @peers{family}"),
        st.just(f"{word} daddr != @groups{family}"),
        st.just(f"{word} saddr $lbs{family}"),
    )


_NFT_TRANSPORT = st.one_of(
    _nft_value(_PORTS).map("tcp dport {}".format),
    _nft_value(_PORTS).map("udp dport {}".format),
    st.sampled_from(("tcp dport >= 1024", "tcp dport < 100", "udp dport <= 443", "tcp dport > 443")),
    st.just("tcp dport @open"),
    st.sampled_from(("tcp sport 1024-65535", "udp sport >= 1024", "tcp sport != 53", "udp sport { 53, 123 }",
                     "tcp sport < 1024", "th sport 0-1023", "tcp sport 32768-60999")),
    st.sampled_from(("tcp flags syn", "tcp flags & (fin | syn | rst | ack) == syn",
                     "tcp flags & (fin | syn | rst | ack) != syn", "tcp flags != syn", "tcp flags ack")),
    st.builds("meta l4proto {{ tcp, udp }} th dport {}".format, _disjoint(_PORTS)),
    _nft_value(_PROTOCOLS[:6]).map("meta l4proto {}".format),
)  # fmt: skip
_NFT_MATCH = st.one_of(
    st.sampled_from((
        'iifname "eth0"', 'iifname != "eth0"', 'iifname "eth*"', 'iifname { "eth0", "lo" }', "iif eth1", "iif lo",
        'iifname "eth1"', "iifname @inside",
    )),
    st.sampled_from((
        "ct state new", "ct state established,related", "ct state { established, related }", "ct state invalid",
        "ct state != new", "ct state ! new", "ct state established",
        "ct state vmap { established : accept, related : accept, invalid : drop }",
    )),
    st.sampled_from((
        "meta pkttype multicast", "meta pkttype host", "pkttype != multicast", "fib daddr type local",
        "fib daddr type { multicast, broadcast }", "fib daddr type != local", "fib daddr type unicast",
    )),
    st.sampled_from(("meta mark 0x1", "limit rate 5/second", "meta skuid 0")),
)  # fmt: skip
_NFT_STATEMENT = st.sampled_from(("", "", "", "counter ", 'log prefix "accept me " ', "counter log level info "))


def _concatenated(family: int) -> Lines:
    word = {4: "ip", 6: "ip6"}[family]
    plain = [text for text in _ADDRESSES[family] if not any(mark in text for mark in "/-")]
    address, port = st.sampled_from(plain), st.sampled_from(_PORTS[:6])
    elements = st.lists(st.builds("{} . {}".format, address, port), min_size=1, max_size=3, unique=True)
    return elements.map(lambda found: f"{word} saddr . tcp dport {{ {', '.join(found)} }}")


@st.composite
def _nft_rule(draw: st.DrawFn, families: list[int], jumps: list[str]) -> str:
    family = draw(st.sampled_from(families))
    parts: list[str] = []
    if draw(st.integers(0, 5)) == 0:
        parts.append(draw(_concatenated(family)))
    else:
        if draw(st.booleans()):
            parts.append(draw(_nft_family_match(family)))
        if draw(st.booleans()):
            parts.append(draw(_NFT_TRANSPORT))
    if draw(st.integers(0, 2)) == 0:
        parts.append(draw(_NFT_MATCH))
    if draw(st.integers(0, 9)) == 0 and not any(
        word in part for part in parts for word in ("vmap", "dport", "sport", "proto")
    ):
        entries = draw(st.lists(st.sampled_from(_PORTS[:6]), min_size=1, max_size=3, unique=True))
        verdicts = [draw(st.sampled_from(("accept", "drop", *(f"jump {name}" for name in jumps)))) for _ in entries]
        pairs = ", ".join(f"{port} : {verdict}" for port, verdict in zip(entries, verdicts, strict=True))
        parts.append(f"tcp dport vmap {{ {pairs} }}")
        return " ".join(parts)
    if any("vmap" in part for part in parts):
        return " ".join(parts)
    verdicts = ["accept", "accept", "drop", "reject", "return", *(f"jump {name}" for name in jumps)]
    verdicts += [f"goto {name}" for name in jumps]
    return " ".join([*parts, draw(_NFT_STATEMENT) + draw(st.sampled_from(verdicts))])


@st.composite
def nft(draw: st.DrawFn) -> Case:
    lines = ["define lbs4 = { 192.0.2.2, 192.0.2.3 }", "define lbs6 = { 2001:db8:a::2, 2001:db8:a::3 }"]
    kinds = draw(st.lists(st.sampled_from(("inet", "inet", "ip", "ip6")), min_size=1, max_size=2, unique=True))
    for number, kind in enumerate(kinds):
        families = {"inet": [4, 6], "ip": [4], "ip6": [6]}[kind]
        lines.append(f"table {kind} filter{number} {{")
        if draw(st.integers(0, 19)) == 0:
            lines.append("flags dormant")
        lines += [
            "set inside { type ifname; elements = { eth0, lo }; }",
            "set open { type inet_service; flags interval; elements = { 22, 80-443 }; }",
        ]
        if 4 in families:
            lines += ["set peers4 { type ipv4_addr; flags interval; elements = { 192.0.2.2, 198.51.100.0/24 }; }",
                      "set groups4 { type ipv4_addr; elements = { 224.0.0.18 }; }"]  # fmt: skip
        if 6 in families:
            lines += ["set peers6 { type ipv6_addr; flags interval; elements = { 2001:db8:a::/64, fe80::/10 }; }",
                      "set groups6 { type ipv6_addr; elements = { ff02::12 }; }"]  # fmt: skip
        jumps = draw(st.sampled_from(([], ["lbs"], ["lbs", "rest"])))
        for at, name in reversed(list(enumerate(jumps))):
            rules = draw(st.lists(_nft_rule(families, jumps[at + 1 :]), max_size=3))
            lines += [f"chain {name} {{", *rules, "}"]
        hooks = ["input", *draw(st.sampled_from(([], [], ["output"], ["prerouting"])))]
        for hook in hooks:
            policy = draw(st.sampled_from(("drop", "accept")))
            rules = draw(st.lists(_nft_rule(families, jumps), max_size=6))
            if hook == "output":
                rules = [rule for rule in rules if "iif" not in rule]
            if hook == "prerouting":
                rules = [rule.replace("reject", "drop") for rule in rules if "skuid" not in rule]
            lines += [f"chain {hook} {{", f"type filter hook {hook} priority 0; policy {policy};", *rules, "}"]
        lines.append("}")
    return Case("nft", {"/etc/nftables.conf": "\n".join(lines) + "\n"})


# iptables


def _maybe_not(values: Lines) -> Lines:
    return st.builds("{}{}".format, st.sampled_from(("", "", "! ")), values)


def _iptables_address(family: int) -> Lines:
    plain = [text for text in _ADDRESSES[family] if "-" not in text]
    ranges = [text for text in _ADDRESSES[family] if "-" in text]
    return st.one_of(
        _maybe_not(st.sampled_from(plain).map("-s {}".format)),
        _maybe_not(st.sampled_from(_DESTINATIONS[family]).map("-d {}".format)),
        st.sampled_from(ranges).map("-m iprange --src-range {}".format),
    )


_IPTABLES_PORTS = tuple(port.replace("-", ":") for port in _PORTS)
_IPTABLES_TRANSPORT = st.one_of(
    st.builds(
        "-p {0} -m {0} {1}".format, st.sampled_from(("tcp", "udp")),
        _maybe_not(st.sampled_from(_IPTABLES_PORTS).map("--dport {}".format)),
    ),
    st.builds(
        "-p {0} -m multiport {1}".format, st.sampled_from(("tcp", "udp")),
        _maybe_not(_listed(_IPTABLES_PORTS, ",").map("--dports {}".format)),
    ),
    _maybe_not(st.sampled_from(_PROTOCOLS).map("-p {}".format)),
    st.sampled_from((
        "-p tcp -m tcp --syn", "-p tcp -m tcp ! --syn", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
        "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", "-p tcp -m tcp --tcp-flags ALL NONE",
        "-p tcp -m multiport --ports 80,443", "-p tcp -m tcp --sport 1024:65535", "-p udp -m udp --sport 53",
        "-p tcp -m tcp ! --sport 0:1023", "-p udp -m multiport --sports 53,123", "-p tcp -m tcp --sport 32768:60999",
        "-p tcp -m tcp --sport 1024: --dport 80", "-p tcp -m multiport ! --ports 22,1024:65535",
    )),
)  # fmt: skip
_IPTABLES_MATCH = st.sampled_from((
    "-i eth0", "! -i eth0", "-i eth+", "-i eth1", "-i lo", "-m state --state NEW",
    "-m state --state RELATED,ESTABLISHED", "-m conntrack --ctstate ESTABLISHED", "-m conntrack ! --ctstate NEW",
    "-m conntrack --ctstate INVALID", "-m pkttype --pkt-type multicast", "-m pkttype ! --pkt-type multicast",
    "-m addrtype --dst-type LOCAL", "-m addrtype --dst-type LOCAL,MULTICAST", "-m addrtype ! --dst-type UNICAST",
    "-m addrtype --dst-type MULTICAST", "-m addrtype ! --dst-type LOCAL",
    '-m comment --comment "let -j DROP in"', "-m limit --limit 5/sec", "-m mark --mark 0x1",
))  # fmt: skip
_OUTGOING_NEVER = ("-i ",)


#: What sets of the kernel may hold, by their kind: elements that do not overlap.
_SET_ELEMENTS = {
    "hash:ip family inet": ("192.0.2.2", "198.51.100.2", "203.0.113.0/30", "192.0.2.3-192.0.2.5", "224.0.0.18"),
    "hash:ip family inet netmask 24": ("192.0.2.77", "203.0.113.0"),
    "hash:ip family inet6": ("2001:db8:a::2", "fe80::a:2", "2001:db8:f::9", "ff02::12"),
    "hash:net family inet": ("192.0.2.0/24", "192.0.2.0/25 nomatch", "203.0.113.9", "224.0.0.0/4", "10.0.0.0/8"),
    "hash:net family inet6": ("2001:db8:a::/64", "fe80::/10", "ff00::/8", "2001:db8::/32 nomatch"),
    "hash:ip,port family inet": ("192.0.2.2,tcp:80", "192.0.2.2,vrrp:0", "198.51.100.2,22", "192.0.2.1,udp:53-443",
                                 "224.0.0.18,vrrp:0", "192.0.2.1,tcp:80", "203.0.113.9,tcp:80"),
    "hash:net,port family inet6": ("2001:db8:a::/64,tcp:80", "2001:db8:a::/64,vrrp:0", "fe80::/10,vrrp:0"),
    "hash:net,iface family inet": ("192.0.2.0/24,eth0", "198.51.100.0/24,eth0", "203.0.113.0/24,eth wildcard"),
    "hash:ip,port,net family inet": ("192.0.2.1,tcp:80,203.0.113.0/24", "192.0.2.2,tcp:80,192.0.2.0/24"),
    "bitmap:port range 0-65535": ("80", "22", "443-8080", "53"),
    "hash:ip family inet timeout 600": ("192.0.2.2", "192.0.2.3 timeout 0"),
}  # fmt: skip


@st.composite
def _ipsets(draw: st.DrawFn) -> tuple[str, dict[int, list[str]]]:
    """A file of sets, and matches that ask them, by family."""
    lines, matches = [], {4: [""], 6: [""]}
    kinds = draw(st.lists(st.sampled_from(sorted(_SET_ELEMENTS)), min_size=1, max_size=4, unique=True))
    for number, kind in enumerate(kinds):
        lines.append(f"create s{number} {kind}")
        elements = draw(st.lists(st.sampled_from(_SET_ELEMENTS[kind]), min_size=1, max_size=4, unique=True))
        lines += [f"add s{number} {element}" for element in elements]
    lines += ["create all list:set size 8", *(f"add all s{number}" for number in range(len(kinds)))]
    named = {f"s{number}": kind for number, kind in enumerate(kinds)}
    for name, kind in {**named, "all": "list:set"}.items():
        for _ in range(2):
            dimensions = len(kind.split(" ")[0].split(","))
            count = draw(st.sampled_from((dimensions, dimensions, dimensions, 1, 2)))
            asked = ",".join(draw(st.lists(st.sampled_from(("src", "dst")), min_size=count, max_size=count)))
            if "port" in kind and draw(st.booleans()):
                asked = {1: "dst", 2: "src,dst", 3: "dst,dst,src"}[min(count, 3)]
            match = f"-m set {draw(st.sampled_from(('', '', '! ')))}--match-set {name} {asked}"
            for family in (4, 6) if "family" not in kind else (6,) if "inet6" in kind else (4,):
                matches[family].append(match)
    return "\n".join(lines) + "\n", matches


@st.composite
def _iptables_rule(draw: st.DrawFn, family: int, chain: str, jumps: list[str], asked: list[str] | None = None) -> str:
    parts = [f"-A {chain}"]
    if asked and draw(st.booleans()):
        parts.append(draw(st.sampled_from(asked)))
    if draw(st.booleans()):
        parts.append(draw(_iptables_address(family)))
    if draw(st.booleans()):
        parts.append(draw(_IPTABLES_TRANSPORT))
    if draw(st.integers(0, 2)) == 0:
        parts.append(draw(_IPTABLES_MATCH))
    targets = ["-j ACCEPT", "-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN", '-j LOG --log-prefix "drop -j DROP "']
    targets += [f"-{option} {name}" for name in jumps for option in "jg"]
    return " ".join([*parts, draw(st.sampled_from(targets))])


@st.composite
def iptables(draw: st.DrawFn, sets: bool = False) -> Case:
    files: dict[str, str] = {}
    asked: dict[int, list[str]] = {4: [], 6: []}
    if sets:
        files["/etc/sysconfig/ipset"], asked = draw(_ipsets())
    for family, path in ((4, "/etc/sysconfig/iptables"), (6, "/etc/sysconfig/ip6tables")):
        policies = [draw(st.sampled_from(("ACCEPT", "DROP"))) for _ in range(2)]
        jumps = draw(st.sampled_from(([], ["LB"], ["LB", "REST"])))
        lines = ["*filter", f":INPUT {policies[0]} [0:0]", ":FORWARD ACCEPT [0:0]", f":OUTPUT {policies[1]} [0:0]"]
        lines += [f":{name} - [0:0]" for name in jumps]
        lines += draw(st.lists(_iptables_rule(family, "INPUT", jumps, asked[family]), max_size=7))
        for at, name in enumerate(jumps):
            lines += draw(st.lists(_iptables_rule(family, name, jumps[at + 1 :]), max_size=3))
        outgoing = draw(st.lists(_iptables_rule(family, "OUTPUT", []), max_size=2))
        lines += [rule for rule in outgoing if not any(text in rule for text in _OUTGOING_NEVER)]
        files[path] = "\n".join([*lines, "COMMIT"]) + "\n"
    return Case("iptables", files)


# firewalld

_STOCK_SERVICES = (
    "ssh",
    "http",
    "https",
    "mdns",
    "dns",
    "mysql",
    "high-availability",
    "freeipa-4",
    "ipsec",
    "upnp-client",
)
_FIREWALLD_PORTS = ("80", "443", "8080", "1-1023", "3306", "8000-9000", "53", "514", "1024-65535")


def _port_element(name: str = "port") -> Lines:
    text = f'<{name} port="{{}}" protocol="{{}}"/>'
    return st.builds(text.format, st.sampled_from(_FIREWALLD_PORTS), st.sampled_from(("tcp", "udp")))


_PROTOCOL = st.sampled_from(("vrrp", "ah", "112", "tcp", "udp")).map('<protocol value="{}"/>'.format)
_SERVICE = st.sampled_from((*_STOCK_SERVICES, "own", "included", "bound")).map('<service name="{}"/>'.format)


@st.composite
def _rich_rule(draw: st.DrawFn, ipset: bool) -> str:
    family = draw(st.sampled_from((4, 4, 6, None)))
    head = "" if family is None else f' family="ipv{family}"'
    if draw(st.integers(0, 3)) == 0:
        head += f' priority="{draw(st.sampled_from((-10, -1, 1, 10)))}"'
    body = ""
    if family is not None:
        plain = [text for text in _ADDRESSES[family] if "-" not in text]
        invert = draw(st.sampled_from(("", "", ' invert="True"')))
        kind = draw(st.integers(0, 3))
        if kind == 1:
            body += f'<source address="{draw(st.sampled_from(plain))}"{invert}/>'
        elif kind == 2 and ipset and family == 4:
            body += f'<source ipset="lbs"{invert}/>'
        if draw(st.integers(0, 3)) == 0:
            body += f'<destination address="{draw(st.sampled_from(_DESTINATIONS[family]))}"{invert}/>'
    about = draw(st.one_of(st.just(""), _port_element(), _PROTOCOL, _SERVICE))
    if not body and not about:
        about = '<protocol value="vrrp"/>'
    if "destination" in body and 'name="mdns"' in about or family is not None and 'name="bound"' in about:
        about = '<service name="own"/>'
    log = draw(st.sampled_from(("", "", '<log prefix="x"/>')))
    return f"<rule{head}>{body}{about}{log}<{draw(st.sampled_from(('accept', 'accept', 'reject', 'drop')))}/></rule>"


@st.composite
def _direct(draw: st.DrawFn) -> str:
    family = draw(st.sampled_from((4, 6)))
    matches = draw(st.one_of(_iptables_address(family), _IPTABLES_TRANSPORT))
    chain = draw(st.sampled_from(("INPUT", "INPUT", "OUTPUT")))
    target = draw(st.sampled_from(("ACCEPT", "DROP")))
    priority = draw(st.integers(0, 2))
    return f'<rule ipv="ipv{family}" table="filter" chain="{chain}" priority="{priority}">{matches} -j {target}</rule>'


@st.composite
def _zone(draw: st.DrawFn, binds: str, ipset: bool, newer: bool) -> str:
    head = ""
    for name in ("ingress-priority", "egress-priority") if newer else ():
        head += draw(st.sampled_from(("", "", f' {name}="-5"', f' {name}="7"')))
    target = draw(st.sampled_from(("", "", "", ' target="DROP"', ' target="ACCEPT"', ' target="%%REJECT%%"')))
    element = st.one_of(
        _SERVICE, _PROTOCOL, _port_element(), _port_element("source-port"), _rich_rule(ipset), _rich_rule(ipset)
    )
    elements = draw(st.lists(element, max_size=5, unique=True))
    elements += draw(st.sampled_from(([], [], ["<forward/>"], ["<masquerade/>"], ['<icmp-block name="redirect"/>'])))
    return "\n".join([f"<zone{head}{target}>", *([binds] if binds else []), *elements, "</zone>"]) + "\n"


@st.composite
def firewalld(draw: st.DrawFn, backend: str, *, newer: bool = False) -> Case:
    """newer: with what came with firewalld 2.0, and more policies, which it asks in another order."""
    ipset = backend == "nftables"
    files = {"/etc/firewalld/firewalld.conf": f"FirewallBackend={backend}\n"}
    default = draw(st.sampled_from(("public", "public", "internal", "mine", "drop")))
    files["/etc/firewalld/firewalld.conf"] += f"DefaultZone={default}\n"
    files["/etc/firewalld/services/own.xml"] = (
        '<service><short>Own</short><protocol value="vrrp"/><port port="8080" protocol="tcp"/></service>\n'
    )
    files["/etc/firewalld/services/included.xml"] = (
        '<service><port port="3306" protocol="tcp"/><include service="http"/><include service="own"/></service>\n'
    )
    files["/etc/firewalld/services/bound.xml"] = (
        '<service><protocol value="vrrp"/><destination ipv4="224.0.0.18" ipv6="ff02::12"/></service>\n'
    )
    if ipset:
        files["/etc/firewalld/ipsets/lbs.xml"] = (
            '<ipset type="hash:net"><entry>192.0.2.2</entry><entry>198.51.100.0/24</entry></ipset>\n'
        )
    sources = [
        '<source address="192.0.2.0/25"/>',
        '<source address="203.0.113.9"/>',
        '<source address="2001:db8:a::/64"/>',
    ]
    sources += ['<source ipset="lbs"/>'] if ipset else []
    bound = {
        "public": draw(st.sampled_from(("", '<interface name="eth1"/>'))),
        "mine": draw(st.sampled_from(("", '<interface name="eth0"/>', *sources))),
        "trusted": draw(st.sampled_from(("", "", "", '<source address="192.0.2.3"/>'))),
    }
    for name in ("mine", *draw(st.lists(st.sampled_from(("public", "trusted")), max_size=2, unique=True))):
        text = draw(_zone(bound[name], ipset, newer))
        files[f"/etc/firewalld/zones/{name}.xml"] = text
    for name in "pq"[: draw(st.integers(0, 2)) if newer else int(draw(st.integers(0, 2)) == 0)]:
        ingress, egress = draw(st.sampled_from((("ANY", "HOST"), ("public", "HOST"), ("mine", "HOST"), ("HOST", "ANY"),
                                                ("mine", "ANY"))))  # fmt: skip
        target = draw(st.sampled_from(("CONTINUE", "CONTINUE", "ACCEPT", "DROP", "REJECT")))
        priority = draw(st.sampled_from((-100, -1, 1, 50)))
        elements = draw(
            st.lists(st.one_of(_SERVICE, _PROTOCOL, _port_element(), _rich_rule(ipset)), max_size=2, unique=True)
        )
        files[f"/etc/firewalld/policies/{name}.xml"] = (
            f'<policy priority="{priority}" target="{target}"><ingress-zone name="{ingress}"/>'
            f'<egress-zone name="{egress}"/>{"".join(elements)}</policy>\n'
        )
    if draw(st.integers(0, 2)) == 0:
        rules = draw(st.lists(_direct(), min_size=1, max_size=3, unique=True))
        files["/etc/firewalld/direct.xml"] = "<direct>\n" + "\n".join(rules) + "\n</direct>\n"
    return Case("firewalld", files, "debian13" if newer else "debian12")


# ufw


_UFW_START = (
    "-A {0}-before-input -i lo -j ACCEPT", "-A {0}-before-output -o lo -j ACCEPT",
    "-A {0}-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A {0}-before-input -m conntrack --ctstate INVALID -j {0}-logging-deny",
    "-A {0}-before-input -m conntrack --ctstate INVALID -j DROP", "-A {0}-before-input -j {0}-not-local",
    "-A {0}-not-local -m addrtype --dst-type LOCAL -j RETURN",
    "-A {0}-not-local -m addrtype --dst-type MULTICAST -j RETURN",
    "-A {0}-not-local -m limit --limit 3/min --limit-burst 10 -j {0}-logging-deny", "-A {0}-not-local -j DROP",
)  # fmt: skip
_UFW_END = (
    "-A {0}-after-logging-input -j LOG --log-prefix \"[UFW BLOCK] \" -m limit --limit 3/min --limit-burst 10",
    "-I {0}-logging-deny -m conntrack --ctstate INVALID -j RETURN -m limit --limit 3/min --limit-burst 10",
    "-A {0}-user-limit -j REJECT", "-A {0}-user-limit-accept -j ACCEPT",
)  # fmt: skip


@st.composite
def _ufw_rule(draw: st.DrawFn, family: int, prefix: str, kind: str) -> str:
    way = draw(st.sampled_from(("input", "input", "input", "output")))
    chain, targets = f"{prefix}-{kind}-{way}", ["-j ACCEPT", "-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN"]
    targets += [f"-j {prefix}-skip-to-policy-{way}", f"-j {prefix}-user-limit-accept"]
    if kind != "user":  # it is not there yet
        targets.pop()
    parts = [f"-A {chain}"]
    if draw(st.booleans()):
        parts.append(draw(_iptables_address(family)))
    if draw(st.booleans()):
        parts.append(draw(_IPTABLES_TRANSPORT))
    if way == "input" and draw(st.integers(0, 3)) == 0:
        parts.append(draw(_IPTABLES_MATCH))
    rule = " ".join([*parts, draw(st.sampled_from(targets))])
    return rule if way == "input" or not any(text in rule for text in _OUTGOING_NEVER) else f"-A {chain} -j RETURN"


@st.composite
def ufw(draw: st.DrawFn) -> Case:
    policies = {way: draw(st.sampled_from(("DROP", "DROP", "ACCEPT", "REJECT"))) for way in ("INPUT", "OUTPUT")}
    settings = [f'DEFAULT_{way}_POLICY="{policy}"' for way, policy in {**policies, "FORWARD": "DROP"}.items()]
    settings.append(f"IPV6={draw(st.sampled_from(('yes', 'yes', 'yes', 'no')))}")
    files = {
        "/etc/default/ufw": "\n".join([*settings, "MANAGE_BUILTINS=no"]) + "\n",
        "/etc/ufw/ufw.conf": "ENABLED=yes\nLOGLEVEL=low\n",
    }
    for family, prefix, six in ((4, "ufw", ""), (6, "ufw6", "6")):
        for kind in ("before", "after", "user"):
            chains = [f"{prefix}-{kind}-{way}" for way in ("input", "output", "forward")]
            chains += {
                "before": [f"{prefix}-not-local"],
                "user": [f"{prefix}-user-limit", f"{prefix}-user-limit-accept"],
            }.get(kind, [])
            rules = draw(st.lists(_ufw_rule(family, prefix, kind), max_size=4))
            start = [rule.format(prefix) for rule in _UFW_START if kind == "before" and draw(st.integers(0, 7))]
            start += ["-A ufw6-before-input -m rt --rt-type 0 -j DROP"] if six and kind == "before" else []
            end = [rule.format(prefix) for rule in _UFW_END if kind == "user"]
            lines = ["*filter", *(f":{chain} - [0:0]" for chain in chains), *start, *rules, *end, "COMMIT"]
            files[f"/etc/ufw/{kind}{six}.rules"] = "\n".join(lines) + "\n"
    return Case("ufw", files)


CASES: dict[str, st.SearchStrategy[Case]] = {
    "nft": nft(),
    "iptables": iptables(),
    "iptables with sets": iptables(sets=True),
    "firewalld over nftables": firewalld("nftables"),
    "firewalld over iptables": firewalld("iptables"),
    "ufw": ufw(),
}
#: For firewalld 2.3.1, which Debian 12 does not have.
NEWER: dict[str, st.SearchStrategy[Case]] = {
    "firewalld 2.3.1 over nftables": firewalld("nftables", newer=True),
    "firewalld 2.3.1 over iptables": firewalld("iptables", newer=True),
}
