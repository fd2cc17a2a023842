"""What iptables-restore takes in a rule, as far as it is the same on every machine. Sources: iptables(8),
iptables-extensions(8) of iptables 1.8.9.

Options of modules that are not listed here are not judged, nor are names of hosts and services.
"""

from __future__ import annotations

from halint import address
from halint.readers.lexer import compiled

TABLES = frozenset({"filter", "nat", "mangle", "raw", "security"})
#: Targets that are no chains of the rule file.
TARGETS = frozenset(
    {
        "ACCEPT", "DROP", "REJECT", "RETURN", "QUEUE", "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK",
        "CONNSECMARK", "CT", "DNAT", "DNPT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED", "LOG", "MARK",
        "MASQUERADE", "MIRROR", "NETMAP", "NFLOG", "NFQUEUE", "NOTRACK", "NULL", "RATEEST", "REDIRECT", "SAME",
        "SECMARK", "SET", "SNAT", "SNPT", "SYNPROXY", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL",
        "ULOG", "ACCOUNT", "CHAOS", "DELUDE", "DHCPMAC", "ECHO", "IPMARK", "LOGMARK", "PROTO", "RAWDNAT", "RAWSNAT",
        "STEAL", "SYSRQ", "TARPIT",
    }
)  # fmt: skip
_BASE = frozenset(
    {
        "--append", "--insert", "--delete", "--replace", "--source", "--src", "--destination", "--dst",
        "--in-interface", "--out-interface", "--protocol", "--proto", "--jump", "--goto", "--match", "--table",
        "--set-counters", "--fragment", "--ipv4", "--ipv6", "--verbose", "--numeric", "--exact", "--wait",
        "--wait-interval", "--modprobe",
        "-A", "-I", "-D", "-R", "-s", "-d", "-i", "-o", "-p", "-j", "-g", "-m", "-t", "-c", "-f", "-4", "-6", "-v",
        "-n", "-x", "-w", "-W", "-M",
    }
)  # fmt: skip
_PORTS = ("--sport", "--source-port", "--dport", "--destination-port")
#: The options of a match or a target, by its name; a protocol loads the match of its name.
OPTIONS: dict[str, tuple[str, ...]] = {
    "tcp": (*_PORTS, "--tcp-flags", "--syn", "--tcp-option"),
    "udp": _PORTS,
    "state": ("--state",),
    "conntrack": (
        "--ctstate", "--ctproto", "--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst", "--ctorigsrcport",
        "--ctorigdstport", "--ctreplsrcport", "--ctrepldstport", "--ctstatus", "--ctexpire", "--ctdir",
    ),
    "multiport": ("--sports", "--source-ports", "--dports", "--destination-ports", "--ports"),
    "comment": ("--comment",),
    "pkttype": ("--pkt-type",),
    "iprange": ("--src-range", "--dst-range"),
    "addrtype": ("--src-type", "--dst-type", "--limit-iface-in", "--limit-iface-out"),
    "limit": ("--limit", "--limit-burst"),
    "mark": ("--mark",),
    "REJECT": ("--reject-with",),
    "LOG": ("--log-level", "--log-prefix", "--log-tcp-sequence", "--log-tcp-options", "--log-ip-options", "--log-uid",
            "--log-macdecode"),
    "ACCEPT": (), "DROP": (), "RETURN": (), "vrrp": (), "112": (),
}  # fmt: skip
#: Options without a value.
FLAGS = frozenset(
    {"--syn", "-f", "--fragment", "-4", "-6", "--ipv4", "--ipv6", "-v", "--verbose", "-n", "--numeric", "-x", "--exact"}
)
_LISTS = {
    "--state": ("INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED"),
    "--ctstate": ("INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED", "SNAT", "DNAT"),
    "--pkt-type": ("UNICAST", "HOST", "BROADCAST", "BCAST", "MULTICAST", "MCAST"),
}
_WRONG_SIDE = {
    "-i": ("OUTPUT", "POSTROUTING"), "--in-interface": ("OUTPUT", "POSTROUTING"),
    "-o": ("INPUT", "PREROUTING"), "--out-interface": ("INPUT", "PREROUTING"),
}  # fmt: skip


def is_unknown(option: str, loaded: list[str]) -> bool:
    """Whether iptables certainly knows no `option` with these matches, protocols and targets; a beginning will do."""
    if option in _BASE or any(name not in OPTIONS or option in OPTIONS[name] for name in loaded):
        return False
    known = {*_BASE, *(other for name in loaded for other in OPTIONS[name])}
    plain = option.partition("=")[0]
    if not plain.startswith("--"):
        return plain[:2] not in _BASE
    return not any(other.startswith(plain) for other in known)


def takes_value(option: str, loaded: list[str]) -> bool:
    """Whether iptables certainly wants a value behind `option`, which is none of FLAGS and has none in itself."""
    return option in _BASE or any(option in OPTIONS.get(name, ()) for name in loaded)


def complaint(option: str, value: str, chain: str) -> str:
    """What iptables has against `value` for `option` in a rule of `chain`, or ""."""
    if option in _PORTS or option in OPTIONS["multiport"]:
        return next((why for part in value.split(",") if (why := _port(part))), "")
    if option in ("-s", "-d", "--source", "--destination", "--src", "--dst"):
        return next((why for part in value.split(",") if (why := _address(part))), "")
    if option in _WRONG_SIDE:
        if chain in _WRONG_SIDE[option]:
            return f"{option} is not for rules of {chain}"
        return f"{value} is longer than the name of an interface can be" if len(value) > 15 else ""
    if option in ("-p", "--protocol", "--proto") and value.isdigit() and int(value[:9]) > 255:
        return f"{value} is no protocol: they go up to 255"
    for part in value.split(",") if option in _LISTS else ():
        if not part or not any(known.startswith(part.upper()) for known in _LISTS[option]):
            return f"{part} is none of {', '.join(_LISTS[option])}"
    return ""


def _port(text: str) -> str:
    match = compiled(r"([0-9]{0,9})(?:(:)([0-9]{0,9}))?").fullmatch(text)
    if match is None:
        return ""
    low, high = int(match[1] or 0), int((match[3] if match[2] else match[1]) or 65535)
    if low > 65535 or high > 65535:
        return f"{text} is no port: they go up to 65535"
    return f"{text} is no range: the first port comes behind the last" if low > high else ""


def _address(text: str) -> str:
    if compiled(r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9.]+)?").fullmatch(text):
        first, slash, mask = text.partition("/")
        if address.network(first) is None or slash and mask.isdigit() and int(mask[:9]) > 32:
            return f"{text} is no address"
    return ""
