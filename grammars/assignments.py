r"""Files of KEY=VALUE lines that a shell could source: os-release, /etc/default, /etc/sysconfig, firewalld.conf.

    file   = { line newline } line ;
    line   = [ blank ] [ comment | assignment | other ] ;
    assignment = [ "export" blank ] key [ blank ] "=" { word | double | single | blank | continuation } [ comment ] ;
    double = '"' { part | newline | continuation } '"' ;
    single = "'" { part | newline } "'" ;

`other` is a line of shell that assigns nothing; it is kept and means nothing. A comment starts a line, or
follows a blank in a value. A quoted string goes on over lines until its quote (systemd.exec(5),
"EnvironmentFile"; os-release(5)); systemd, unlike a shell, takes blanks and `#` into an unquoted value.
"""

import pyparsing as pp

from halint.grammar import Grammar, lexer, terminal

_REST = r"(?>(?:[^\r\n]+|\r(?!\n))*)"

BLANK = terminal("blank", r"(?>(?:[ \t]+|\r(?!\n))+)")
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", rf"[#;]{_REST}")
EXPORT = terminal("export", r"export(?=[ \t]+[A-Za-z_][A-Za-z0-9_]*=)")
KEY = terminal("key", r"[A-Za-z_][A-Za-z0-9_.-]*(?=[ \t]*=)")
EQUALS = terminal("equals", "=")
OTHER = terminal("other", rf"(?=[^\r\n]|\r(?!\n)){_REST}")
TRAILING = terminal("trailing", rf"(?<=[ \t])#{_REST}")
CONTINUATION = terminal("continuation", r"\\\r?\n")
WORD = terminal("word", r"""(?>(?:\\[^\r\n]|[^ \t\r\n"'\\]+)+)""")
DOUBLE = terminal("double", '"')
DOUBLE_PART = terminal("part", r'(?>(?:\\[^\r\n]|[^"\\\r\n]+|\r(?!\n))+)')
DOUBLE_NEWLINE = terminal("inner", r"\r?\n")
DOUBLE_END = terminal("end", '"')
SINGLE = terminal("single", "'")
SINGLE_PART = terminal("part", r"(?>(?:[^'\r\n]+|\r(?!\n))+)")
SINGLE_END = terminal("end", "'")
ERROR = terminal("error", r"\\")

blank = pp.Opt(BLANK)
double = DOUBLE + (DOUBLE_PART | CONTINUATION | DOUBLE_NEWLINE)[...] + DOUBLE_END
single = SINGLE + (SINGLE_PART | DOUBLE_NEWLINE)[...] + SINGLE_END
value = (BLANK | CONTINUATION | TRAILING | WORD | double | single)[...]
assignment = pp.Opt(EXPORT + BLANK) + KEY + blank + EQUALS + value
line = blank + pp.Opt(COMMENT | assignment | OTHER)

GRAMMAR = Grammar(
    "assignments",
    lexers={
        "file": lexer(BLANK, NEWLINE, COMMENT, EXPORT, KEY, OTHER),
        "key": lexer(BLANK, EQUALS),
        "value": lexer(BLANK, CONTINUATION, NEWLINE, TRAILING, WORD, DOUBLE, SINGLE, ERROR),
        "double": lexer(DOUBLE_PART, CONTINUATION, DOUBLE_NEWLINE, DOUBLE_END, ERROR),
        "single": lexer(SINGLE_PART, DOUBLE_NEWLINE, SINGLE_END),
    },
    file=(line + NEWLINE)[...] + line,
)
