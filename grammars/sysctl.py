r"""sysctl.conf and the files of sysctl.d, as systemd-sysctl 252 and procps 4.0 read them (sysctl.d(5), sysctl.conf(5)).

    file       = { line newline } line ;
    line       = [ blank ] [ comment | assignment | exclusion ] [ blank ] ;
    assignment = key [ blank ] "=" [ blank ] [ value ] ;
    exclusion  = key beginning with "-" ;
    comment    = ( "#" | ";" ) { any but newline } ;

A comment has a line of its own: `= 1 # on` has the value `1 # on`, of which the kernel takes the 1.
A key and a value may hold blanks. There are no quotes and no continuation lines.
"""

import pyparsing as pp

from halint.grammar import Grammar, lexer, terminal

_BLANK = r"(?>(?:[ \t]+|\r(?!\n))+)"
_KEY = r"[^= \t\r\n](?>(?:[^=\n]*[^= \t\r\n])?)"

BLANK = terminal("blank", _BLANK)
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", r"[#;](?>(?:[^\r\n]+|\r(?!\n))*)")
KEY = terminal("key", _KEY)
EXCLUSION = terminal("key", rf"(?=-){_KEY}(?![ \t\r]*=)")
EQUALS = terminal("equals", "=")
VALUE = terminal("value", r"[^ \t\r\n](?>(?:[^\n]*[^ \t\r\n])?)")

blank = pp.Opt(BLANK)
assignment = KEY + blank + EQUALS + blank + pp.Opt(VALUE)
line = blank + pp.Opt(COMMENT | EXCLUSION | assignment) + blank

GRAMMAR = Grammar(
    "sysctl",
    lexers={
        "file": lexer(BLANK, NEWLINE, COMMENT, KEY, EQUALS),
        "value": lexer(BLANK, NEWLINE, VALUE),
    },
    file=(line + NEWLINE)[...] + line,
)
