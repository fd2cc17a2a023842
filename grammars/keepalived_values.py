r"""The values of keepalived.conf, as keepalived 2.2 reads them (lib/parser.c, lib/utils.c, lib/rttables.c).

    number       = { blank } [ "+" | "-" ] digit { digit } ;        (strtol: decimal only)
    seconds      = [ "+" ] digit { digit } [ "." { digit } ] ;      (at most six decimals; milliseconds three)
    bool         = "true" | "on" | "yes" | "false" | "off" | "no" ;
    address      = ( ipv4 | ipv6 ) [ ( "-" | "/" ) { any } ] ;      (inet_stosockaddr: the rest is cut off, unsaid)
    ip           = ( ipv4 "/" 0..32 | ipv6 "/" 0..128 ) | ipaddress ;
    ipaddress    = ipv4 | ipv6 ;                                    (inet_pton: no leading zeros, no zone)
    route        = "default" | "default6" | "any" | "all" | ip ;
    range        = ( ipv4 | ipv6 ) [ "-" ( end | ipaddress ) | "/" digit { digit } ] ;
    status       = 100..599 [ "-" 100..599 ] ;
    realms       = named [ "/" named ] ;                            (a name of /etc/iproute2/rt_realms, or a number)
    rtt          = seconds [ "ms" | "s" | "sec" | "secs" | ... ] ;
    fwmark       = integer [ "/" integer ] ;

Each is one word. A name of /etc/iproute2 is any word that does not begin like a number: the file is the host's.
"""

import pyparsing as pp

from halint.grammar import Grammar

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = r"[0-9A-Fa-f]{1,4}"
_LS32 = rf"(?:{_H16}:{_H16}|{_IPV4})"
#: RFC 3986, IPv6address.
_IPV6 = "|".join(
    [
        rf"(?:{_H16}:){{6}}{_LS32}",
        rf"::(?:{_H16}:){{5}}{_LS32}",
        rf"(?:{_H16})?::(?:{_H16}:){{4}}{_LS32}",
        rf"(?:(?:{_H16}:){{0,1}}{_H16})?::(?:{_H16}:){{3}}{_LS32}",
        rf"(?:(?:{_H16}:){{0,2}}{_H16})?::(?:{_H16}:){{2}}{_LS32}",
        rf"(?:(?:{_H16}:){{0,3}}{_H16})?::{_H16}:{_LS32}",
        rf"(?:(?:{_H16}:){{0,4}}{_H16})?::{_LS32}",
        rf"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
        rf"(?:(?:{_H16}:){{0,6}}{_H16})?::",
    ]
)
_ENDS = r"(?![0-9A-Fa-f:.])"
_NAME = r"[^0-9+\-\s/][^\s/]*"
_BIT = "I[RWX](?:USR|GRP|OTH)"
_PORT = r"(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
_INTEGER = r"(?:0[xX][0-9A-Fa-f]+|[0-9]+)"
_BYTE = r"(?:0[xX]0*[0-9A-Fa-f]{1,2}|0*(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))(?![0-9A-Fa-f])"


def word(pattern: str) -> pp.ParserElement:
    """A value that must begin right here."""
    return pp.Regex(pattern).leave_whitespace()


ipv4 = word(_IPV4 + _ENDS)
ipv6 = word(f"(?:{_IPV6}){_ENDS}")
ipaddress = (ipv4("v4") | ipv6("v6")).leave_whitespace()
prefix4 = pp.Literal("/").leave_whitespace() + word(r"0*(?:3[0-2]|[12]?[0-9])(?![0-9])")("length4")
prefix6 = pp.Literal("/").leave_whitespace() + word(r"0*(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])(?![0-9])")("length6")
ip = (ipv4("v4") + pp.Opt(prefix4) | ipv6("v6") + pp.Opt(prefix6)).leave_whitespace()
named = word(f"(?:{_BYTE}|{_NAME})")

GRAMMAR = Grammar(
    "keepalived_values",
    values={
        "number": word(r"[ \t\f\v\r\n]*[+-]?[0-9]+"),
        "seconds": word(r"\+?(?:[0-9]+(?:\.[0-9]{0,6})?|\.[0-9]{1,6})(?![0-9.])"),
        "milliseconds": word(r"\+?(?:[0-9]+(?:\.[0-9]{0,3})?|\.[0-9]{1,3})(?![0-9.])"),
        "bool": word("true|on|yes|false|off|no"),
        "ipaddress": ipaddress,
        "address": ipaddress + pp.Opt(word(r"[-/]\S*")("cut")),
        "ip": ip,
        "route": word("default6|default|any|all") | ip,
        "range": ipaddress + pp.Opt(word(r"-[0-9A-Fa-f.:]+|/[0-9]+")("end")),
        "port": word(rf"0+(?![0-9])|[ \t]*\+?0*{_PORT}(?![0-9])"),
        "multicast4": word(rf"(?=2(?:2[4-9]|3[0-9])\.){_IPV4}{_ENDS}") + pp.Opt(word(r"[-/]\S*")("cut")),
        "multicast6": word(rf"(?=[fF][fF][0-9A-Fa-f]2:)(?:{_IPV6}){_ENDS}") + pp.Opt(word(r"[-/]\S*")("cut")),
        "netmask": word(r"[0-9]+(?:\.[0-9]+){0,3}(?![0-9.])"),
        "processname": word(r"\S{1,15}(?!\S)"),
        "vmacname": word(r"[^\s:/]{1,15}(?!\S)"),
        "umask": word(rf"[0-7]{{1,5}}(?![0-9])|(?=\S)\|?(?:{_BIT}(?:\|{_BIT})*)?\|?(?!\S)"),
        "hex": word(r"[ \t]*[0-9A-Fa-f][0-9A-Fa-f \t]*"),
        "hexmask": word(r"[ \t]*[0-9A-Fa-fxX][0-9A-Fa-fxX \t]*"),
        "broadcast": word(r"[+-]") | ipv4("v4"),
        "ifname": word(r"[^\s]{1,15}(?!\S)"),
        "mac": word(r"(?:[0-9A-Fa-f]{1,2}:){4}(?:[0-9A-Fa-f]{1,2}:?)?(?:[0-9A-Fa-f]{1,2})?"),
        "table": word(f"(?:{_INTEGER}|{_NAME})"),
        "named": named,
        "realms": named("from_realm") + pp.Opt(pp.Literal("/").leave_whitespace() + named("to_realm")),
        "rtt": word(r"(?:[0-9]+(?:\.[0-9]{0,3})?|\.[0-9]{1,3})(?:[mM]?[sS](?:[eE][cC][sS]?)?)?(?![0-9.A-Za-z])"),
        "fwmark": word(_INTEGER)("mark") + pp.Opt(pp.Literal("/").leave_whitespace() + word(_INTEGER)("mask")),
        "ports": word(r"[0-9]{1,5}-[0-9]{1,5}"),
        "uids": word(r"[0-9]{1,10}-[0-9]{1,10}"),
        "digest": word(r"[0-9A-Fa-f]{32}(?![0-9A-Fa-f])"),
        "status": word(r"[1-5][0-9]{2}(?:-[1-5][0-9]{2})?(?![0-9-])"),
        "dnsname": word(r"\.(?!\S)|[^\s.]+(?:\.[^\s.]+)*\.?(?!\S)"),
    },
)
