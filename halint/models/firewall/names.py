"""Protocol and port names in rules, as /etc/protocols and /etc/services of EL and Debian give them."""

from __future__ import annotations

TCP, UDP, AH, VRRP = 6, 17, 51, 112
#: Addresses that nobody on the node's side has, by family: of the networks for documentation, which are not routed.
STRANGERS = {4: ("203.0.113.253", "198.51.100.253"), 6: ("2001:db8:ffff::fffd", "2001:db8:fffe::fffd")}

_PROTOCOLS = {
    "hopopt": 0, "icmp": 1, "igmp": 2, "ipencap": 4, "tcp": TCP, "egp": 8, "igp": 9, "udp": UDP, "dccp": 33,
    "ipv6": 41, "rsvp": 46, "gre": 47, "esp": 50, "ah": AH, "icmpv6": 58, "ipv6-icmp": 58, "eigrp": 88, "ospf": 89,
    "ospfigp": 89, "ipip": 94, "pim": 103, "ipcomp": 108, "comp": 108, "vrrp": VRRP, "carp": VRRP, "l2tp": 115,
    "sctp": 132, "mh": 135, "ipv6-mh": 135, "udplite": 136,
}  # fmt: skip
#: Those that people write in rules of load balancers; another name is an unknown port.
_PORTS = {
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "http": 80, "www": 80, "kerberos": 88, "pop3": 110,
    "ntp": 123, "imap": 143, "imap2": 143, "snmp": 161, "ldap": 389, "https": 443, "submission": 587, "ldaps": 636,
    "imaps": 993, "pop3s": 995, "mysql": 3306, "postgresql": 5432, "http-alt": 8080, "webcache": 8080,
}  # fmt: skip


def protocol(text: str) -> int | None:
    """The number of an IP protocol, by number or name in any case; None where it is neither."""
    if text.isascii() and text.isdigit() and len(text) < 4:
        return int(text) if int(text) < 256 else None
    return _PROTOCOLS.get(text.lower())


def ports(text: str, dash: str = "-") -> tuple[int, int] | None:
    """The first and the last port of `PORT` or `PORT-PORT`; either end may be left out where `dash` is a colon."""
    first, ranged, last = text.partition(dash)
    low = _port(first or "0") if ranged else _port(first)
    high = (_port(last or "65535") if dash == ":" or last else None) if ranged else low
    return None if low is None or high is None or low > high else (low, high)


def _port(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text) if int(text) < 65536 else None
    return _PORTS.get(text)
