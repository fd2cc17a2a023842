"""What nft takes where, as far as it is the same on every machine: names of hosts, services, protocols and interfaces
are looked up on the node, so they are not judged. Sources: nft(8), scanner.l and parser_bison.y of nftables 1.0.6."""

from __future__ import annotations

from halint import address
from halint.readers.lexer import compiled

HOOKS = frozenset({"prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"})
#: What a line outside of a table begins with.
COMMANDS = frozenset(
    {
        "add", "create", "insert", "delete", "destroy", "flush", "replace", "reset", "list", "rename", "export",
        "import", "monitor", "describe", "include", "define", "redefine", "undefine", "get",
        "table", "chain", "rule", "set", "map", "element", "flowtable", "counter", "quota", "limit", "secmark",
        "synproxy", "ct",
    }
)  # fmt: skip
#: What such a line may be about, where it begins with what is to be done.
OBJECTS = frozenset(
    {
        "table", "chain", "rule", "set", "map", "element", "flowtable", "counter", "quota", "limit", "secmark",
        "synproxy", "ct", "ruleset", "meter", "tables", "chains", "sets", "maps", "counters", "quotas", "limits",
        "flowtables", "rules", "secmarks", "synproxys", "hooks",
    }
)  # fmt: skip
#: What can be no name of a table, a chain, a set or a map (measured, nft 1.0.6; those of later versions, too).
RESERVED = frozenset(
    {
        "accept", "ah", "all", "and", "arp", "bridge", "chain", "continue", "counter", "ct", "dccp", "delete", "dnat",
        "drop", "dup", "elements", "esp", "ether", "fib", "flush", "fwd", "goto", "handle", "hook", "icmp", "icmpv6",
        "igmp", "iif", "iifname", "include", "inet", "ip", "ip6", "jump", "limit", "list", "log", "map", "mark",
        "masquerade", "meta", "netdev", "not", "notrack", "oif", "oifname", "or", "policy", "priority", "queue",
        "quota", "redirect", "reject", "return", "rt", "rule", "ruleset", "sctp", "set", "snat", "socket", "synproxy",
        "table", "tcp", "th", "timeout", "tproxy", "type", "typeof", "udp", "udplite", "vlan", "vmap",
    }
)  # fmt: skip
#: The fields of a header, or of connection tracking.
FIELDS = {
    "ip": frozenset(
        {"version", "hdrlength", "dscp", "ecn", "length", "id", "frag-off", "ttl", "protocol", "checksum", "saddr",
         "daddr", "option"}
    ),
    "ip6": frozenset(
        {"version", "dscp", "ecn", "flowlabel", "length", "nexthdr", "hoplimit", "saddr", "daddr"}
    ),
    "tcp": frozenset(
        {"sport", "dport", "sequence", "ackseq", "doff", "reserved", "flags", "window", "checksum", "urgptr", "option"}
    ),
    "udp": frozenset({"sport", "dport", "length", "checksum"}),
    "ct": frozenset(
        {"state", "direction", "status", "mark", "secmark", "expiration", "helper", "label", "labels", "count",
         "original", "reply", "l3proto", "protocol", "proto-src", "proto-dst", "bytes", "packets", "avgpkt", "zone",
         "id", "event", "timeout", "expectation", "saddr", "daddr", "src", "dst", "ip", "ip6"}
    ),
}  # fmt: skip
#: Of connection tracking.
STATES = frozenset({"invalid", "new", "established", "related", "untracked"})
_CASTS = frozenset({"host", "unicast", "broadcast", "multicast", "other"})


def complaint(key: str, value: str) -> str:
    """What nft has against `value` for the expression `key`, or ""."""
    if value[:1] in ("$", "@", "*") or value.startswith("0x"):
        return ""
    field = key.rpartition(" ")[2]
    if field in ("dport", "sport"):
        return _port(value)
    if field in ("saddr", "daddr") and key.startswith("ip"):
        return _address(value, 6 if key.startswith("ip6") else 4)
    if field in ("l4proto", "protocol", "nexthdr") and value.isdigit() and int(value[:9]) > 255:
        return f"{value} is no protocol: they go up to 255"
    if key == "ct state" and value.isalpha() and value not in STATES:
        return f"{value} is no state of a connection"
    if field == "pkttype" and value.isalpha() and value not in _CASTS:
        return f"{value} is no type of a packet"
    if field in ("iifname", "oifname") and len(value) > 15:
        return f"{value} is longer than the name of an interface can be"
    return ""


def _port(value: str) -> str:
    match = compiled(r"([0-9]{1,9})(?:-([0-9]{1,9}))?").fullmatch(value)
    if match is None:
        return ""
    low, high = int(match[1]), int(match[2] or match[1])
    if low > 65535 or high > 65535:
        return f"{value} is no port: they go up to 65535"
    return f"{value} is no range: the first port comes behind the last" if match[2] and low > high else ""


def _address(value: str, family: int) -> str:
    for text in value.split("-"):
        looks = compiled(r"[0-9.]*[0-9]+(?:/[0-9.]+)?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?").fullmatch(text)
        if looks is not None and ("." in text or ":" in text):
            found = address.network(text)
            if found is None and text.partition("/")[0].count(".") in (0, 3):
                return f"{text} is no address"
            if found is not None and found.family != family:
                return f"{text} is no IPv{family} address"
    return ""
