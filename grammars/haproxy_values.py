r"""The values of haproxy.cfg: addresses, times, sizes, numbers, networks (src/tools.c; measured on 2.6.12 and 2.8.25).

    address    = { any } "$" { any }                        haproxy itself puts the environment into addresses
               | [ transport ] target ;
    transport  = "stream+" | "dgram+" | "quic+" ;
    target     = ( "unix@" | "uxst@" | "uxdg@" ) path | "/" path
               | ( "abns@" | "abnsz@" ) name
               | ( "fd@" | "sockpair@" ) number
               | "rhttp@" name
               | [ family4 ] host4 [ ":" ports ] | [ family6 ] host6 [ ":" ports ] | [ family ] host [ ":" ports ] ;
    family4    = "ipv4@" | "tcp4@" | "udp4@" | "mptcp4@" | "quic4@" ;
    family6    = "ipv6@" | "tcp6@" | "udp6@" | "mptcp6@" | "quic6@" ;
    family     = "ip@" | "tcp@" | "udp@" | "mptcp@" ;
    host4      = [ "*" | ipv4 | name ] ;
    host6      = [ "*" | ipv6 | "[" ipv6 "]" | name ] ;
    ports      = [ port | port "-" port | ( "+" | "-" ) [ number ] ] ;  what is behind is not read
    ipv4       = number "." number "." number "." number ;  each up to 255
    name       = label { "." [ label ] } ;                  letters, digits, "_", behind them "-"; or numbers
    time       = number [ "us" | "ms" | "s" | "m" | "h" | "d" ] ;
    size       = number [ "k" | "m" | "g" ] ;               or K, M, G
    integer    = [ "+" | "-" ] number ;
    network    = ( ipv4 | name ) [ "/" ( ipv4 | number ) ] | ipv6 [ "/" number ] ;

The last colon behind any bracket is the port's: `::1:80` is port 80 of ::1. Which of the parts an address may or
must have depends on the keyword; a list of them on a bind line is separated by commas.
"""

import pyparsing as pp

from halint.grammar import Grammar, terminal

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_V4 = rf"0*{_OCTET}(?:\.0*{_OCTET}){{3}}"
_HEX = r"[0-9A-Fa-f]{1,4}"
_LOW = rf"(?:{_HEX}:{_HEX}|{_V4})"
_V6 = (
    "(?:"
    + "|".join(
        [
            rf"(?:{_HEX}:){{6}}{_LOW}",
            rf"::(?:{_HEX}:){{5}}{_LOW}",
            *(
                rf"(?:{_HEX}(?::{_HEX}){{0,{before}}})?::(?:{_HEX}:){{{behind}}}{_LOW}"
                for before, behind in enumerate(range(4, -1, -1))
            ),
            rf"(?:{_HEX}(?::{_HEX}){{0,5}})?::{_HEX}",
            rf"(?:{_HEX}(?::{_HEX}){{0,6}})?::",
        ]
    )
    + ")"
)
_PORT = r"(?=:[^:\]]*\Z)"  # before the last colon
_END = rf"(?:{_PORT}|\Z)"  # where a host without colons ends
#: inet_aton(): of fewer than four numbers, the last fills the bytes that are left.
_NUMERIC = rf"(?:[0-9]+|0*{_OCTET}\.[0-9]{{1,8}}|(?:0*{_OCTET}\.){{2}}[0-9]{{1,5}}|{_V4})"
_NAME = rf"(?:{_NUMERIC}{_END}|(?!-|[0-9.]+{_END})[A-Za-z0-9_-]{{1,63}}(?:\.+[A-Za-z0-9_-]{{1,63}})*\.?)"


def _text(name: str, pattern: str) -> pp.ParserElement:
    return terminal(name, pattern)(name)


transport = _text("transport", r"(?:stream|dgram|quic)\+")
variable = _text("variable", r"[^$]*\$.*")
path = _text("unix", r"unix@|ux(?:st|dg)@|(?=/)").copy() + _text("path", r".*")
abstract = _text("abstract", r"abnsz?@") + _text("label", r".*")
descriptor = _text("descriptor", r"(?:fd|sockpair)@") + terminal("number", r"[0-9]+")
reverse = _text("reverse", r"rhttp@") + terminal("reversed", r".*")
ports = terminal("colon", ":") + pp.Opt(
    _text("low", r"[0-9]+(?=-)") + terminal("dash", "-") + _text("high", r"[0-9]+")
    | _text("port", r"[0-9]+") + terminal("unread", r"[^-]*")
    | _text("offset", r"[+-][0-9]*")
)
host4 = _text("ipv4", rf"(?:\*?|{_V4}){_END}") | _text("name4", rf"{_NAME}{_END}")
host6 = _text("ipv6", rf"\*?{_END}|{_V6}{_PORT}|\[{_V6}\]{_END}") | _text("name6", rf"{_NAME}{_END}")
host = (
    _text("any", rf"\*?{_END}")
    | _text("address4", rf"{_V4}{_END}")
    | _text("address6", rf"{_V6}{_PORT}|\[{_V6}\]{_END}")
    | _text("name", rf"{_NAME}{_END}")
)
internet = (
    _text("family4", r"(?:ipv|tcp|udp|mptcp|quic)4@") + host4
    | _text("family6", r"(?:ipv|tcp|udp|mptcp|quic)6@") + host6
    | pp.Opt(_text("family", r"(?:ip|tcp|udp|mptcp)@")) + host
) + pp.Opt(ports)
address = (
    variable | pp.Opt(transport) + (path | abstract | descriptor | reverse | internet) + terminal("end", r"\Z")
).leave_whitespace()

END = terminal("end", r"\Z")
mask = terminal("mask", rf"{_V4}\Z|0*(?:3[0-2]|[12]?[0-9])\Z")
named = _text("name", r"[0-9]+(?:\.[0-9]+){0,2}(?=/|\Z)|(?![0-9.]+(?:/|\Z))[A-Za-z0-9_.-]+")
network = (
    _text("ipv4", rf"{_V4}(?=/|\Z)") + pp.Opt(terminal("slash", "/") + mask("mask"))
    | _text("ipv6", _V6) + pp.Opt(terminal("slash", "/") + _text("length", r"0*(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])\Z"))
) + END

GRAMMAR = Grammar(
    "haproxy_values",
    values={
        "address": address,
        "integer": terminal("integer", r"[+-]?[0-9]+\Z"),
        "time": _text("count", r"[0-9]+") + pp.Opt(_text("unit", r"us|ms|[smhd]")) + pp.Opt(_text("behind", r".+")),
        "size": _text("count", r"[0-9]+") + pp.Opt(_text("unit", r"[kmgKMG]")) + terminal("end", r"\Z"),
        "network": network,
        "named_network": network | named + pp.Opt(terminal("slash", "/") + mask("netmask")) + END,
    },
)
