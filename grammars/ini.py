r"""Files of [section] and KEY=VALUE lines: systemd units and their drop-ins, journald.conf, NetworkManager keyfiles.

    file       = { ( section | other ) newline } ( section | other ) ;
    section    = [ blank ] "[" name "]" [ blank ] ;
    other      = [ blank ] [ comment | assignment ] [ blank ] ;
    assignment = key [ blank ] "=" { value | blank | continuation { blank | newline | comment } } ;
    comment    = ( "#" | ";" ) { any but newline } ;

A comment has a line of its own. A line that ends in a backslash goes on in the next one that is neither
blank nor a comment; the two are joined by a blank (systemd.syntax(7)). Quotes belong to the value.
"""

import pyparsing as pp

from halint.grammar import Grammar, lexer, terminal

_BLANK = r"(?>(?:[ \t]+|\r(?!\n))+)"
_VALUE = r"(?>(?:\\[^\r\n]|[^ \t\r\n\\]+)+)"

BLANK = terminal("blank", _BLANK)
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", r"[#;](?>(?:[^\r\n]+|\r(?!\n))*)")
OPEN = terminal("open", r"\[")
NAME = terminal("name", r"(?>(?:[^]\r\n]+|\r(?!\n))+)")
CLOSE = terminal("close", r"\]")
KEY = terminal("key", r"[^= \t\r\n](?>(?:[^=\n]*[^= \t\r\n])?)")
EQUALS = terminal("equals", "=")
CONTINUATION = terminal("continuation", r"\\\r?\n")
VALUE = terminal("value", rf"(?>{_VALUE}(?:{_BLANK}{_VALUE})*)")
ERROR = terminal("error", r"\\")

blank = pp.Opt(BLANK)
continued = CONTINUATION + (blank + pp.Opt(COMMENT) + NEWLINE)[...]
assignment = ~OPEN + KEY + blank + EQUALS + (continued | VALUE | BLANK)[...]
header = blank + OPEN + NAME + CLOSE + blank
line = blank + pp.Opt(COMMENT | assignment) + blank
preamble = (blank + pp.Opt(COMMENT) + NEWLINE)[...]

GRAMMAR = Grammar(
    "ini",
    lexers={
        "file": lexer(BLANK, NEWLINE, COMMENT, OPEN, EQUALS, KEY),
        "header": lexer(NAME, CLOSE, NEWLINE),
        "value": lexer(BLANK, CONTINUATION, NEWLINE, VALUE, ERROR),
        "continued": lexer(BLANK, NEWLINE, COMMENT, CONTINUATION, VALUE, ERROR),
    },
    file=preamble + pp.Opt(header + (NEWLINE + (header | line))[...]) + blank + pp.Opt(COMMENT),
)
