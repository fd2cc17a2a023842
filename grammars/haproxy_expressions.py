r"""The small languages inside haproxy's words (configuration manual of haproxy 2.6, sections 7 and 8.2.4).

They are read from words whose own quotes are gone already; arguments have quotes of their own (haproxy 2.2 and later).

Sample expressions (sample_parse_expr in src/sample.c, make_arg_list in src/arg.c):

    expression = call { "," { "," } call } ;              a fetch, then its converters
    call       = name [ "(" argument { "," argument } ")" ] ;
    name       = { letter | digit | "." | "_" | "-" | "+" | ":" } ;
    argument   = { plain | escape | double | single } ;
    plain      = any but "," | ")" | "\" | '"' | "'" ;
    escape     = "\" [ "\" | blank | '"' | "'" | "r" | "n" | "t" ] ;   else it stands for itself; not at the very end
    double     = '"' { any but '"' | escape } [ '"' ] ;  what is not closed goes on to the end of the word
    single     = "'" { any but "'" } [ "'" ] ;

Patterns of ACLs (src/pattern.c):

    range      = [ integer ] ( ":" | "-" ) [ integer ] | integer ;      one of both at least
    version    = integer [ "." integer ], or a range of these ;
    network    = address [ "/" ( bits | mask ) ] ;
    bytes      = { hex hex } ;

Log formats (parse_logformat_string in src/log.c; names and types of items since 3.0):

    log format = { text | "%%" | item } ;
    item       = "%" [ "(" item name [ ":" type ] ")" ] [ "{" flags "}" ] ( tag | "[" expression "]" ) ;
    tag        = letter { letter | digit } ;
    flags      = flag { "," flag } ;   flag = ( "+" | "-" ) name ;
"""

import pyparsing as pp

from halint.grammar import Grammar


def _part(pattern: str) -> pp.ParserElement:
    return pp.Regex(pattern).leave_whitespace()


NAME = _part(r"[A-Za-z0-9._:+-]*")
OPEN = _part(r"\(")
_ESCAPED = r"""\\(?:[\\ "'rnt]|(?!\Z))"""
ARGUMENT = _part(rf"""(?>(?:[^,)\\"']+|{_ESCAPED}|"(?>(?:[^"\\]+|{_ESCAPED})*)(?:"|\Z)|'[^']*(?:'|\Z))*)""")
ESCAPE = _part(r"\\[\\ \"'rnt]")

INTEGER = _part(r"[0-9]+")
SIGNED = _part(r"-[0-9]*|[0-9]+")
BETWEEN = _part(r"[:-]")
VERSION = _part(r"[0-9]{1,5}(?:\.[0-9]{1,5})?")
ADDRESS = _part(r"[^/]+")
SLASH = _part(r"/")
MASK = _part(r"[^/]*")

PERCENT = _part(r"%")
ITEM_NAME = _part(r"[A-Za-z0-9_-]*")
FLAGS = _part(r"[^}]*")
TAG = _part(r"[A-Za-z][A-Za-z0-9]*")

GRAMMAR = Grammar(
    "haproxy_expressions",
    values={
        "call": NAME("name") + pp.Opt(OPEN("open")),
        "argument": ARGUMENT,
        "escape": ESCAPE,
        "commas": _part(r",+"),
        "range": INTEGER("low") + pp.Opt(BETWEEN("between") + pp.Opt(SIGNED("high")))
        | BETWEEN("until") + SIGNED("top"),
        "version_range": VERSION("low") + pp.Opt(BETWEEN("between") + pp.Opt(VERSION("high")))
        | BETWEEN("until") + VERSION("top"),
        "network": ADDRESS("address") + pp.Opt(SLASH + MASK("mask")),
        "text": _part(r"(?>(?:[^%]+|%%|%(?![%A-Za-z0-9\[({ \t]|\Z))+)"),
        "item": PERCENT
        + pp.Opt(OPEN + ITEM_NAME("name") + pp.Opt(_part(":") + ITEM_NAME("type")) + _part(r"\)"))
        + pp.Opt(_part(r"\{") + FLAGS("flags") + _part(r"\}"))
        + (TAG("tag") | _part(r"\[")("expression")),
    },
)
