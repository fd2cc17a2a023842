r"""haproxy.cfg, as haproxy reads it (parse_line in src/tools.c, readcfgfile in src/cfgparse.c; measured on 2.6.12).

    file      = [ bom ] line { newline line } ;
    line      = [ blank ] [ word { blank word } [ blank ] ] [ comment ] ;
    word      = ( plain | escape | double | single ) { plain | escape | double | single } ;
    double    = '"' { text | escape | variable } '"' ;
    single    = "'" { any but "'" and newline } "'" ;
    escape    = "\" ( blank | "\" | "t" | "n" | "r" | "#" | "'" | '"' | "x" hex hex ) | "\" ;
    variable  = "$" name | "${" name [ "[*]" ] [ "-" { any but "}" and newline } ] "}" ;
    comment   = "#" { any but newline } ;

Quoted and bare parts that touch are one word; `#` starts a comment inside a bare word, too. Before any other
character a backslash stands for itself. Only double quotes expand variables, where `\$` is a dollar. A line
goes no further than a carriage return, unless blanks stand before it; no line goes on behind its newline.
"""

import pyparsing as pp

from halint.grammar import Grammar, branch, lexer, terminal

_NAME = r"(?>[A-Za-z_][A-Za-z0-9_]*|\.[A-Z]+)"
_VARIABLE = rf"\$(?>{_NAME}|\{{{_NAME}(?:\[\*\])?(?:-[^}}\n]*)?\}})"
_DOUBLE = rf'"(?>(?:[^"\\$\r\n]+|\\x[0-9A-Fa-f]{{2}}|\\[^x\r\n]|{_VARIABLE})*)'
_SINGLE = r"'[^'\r\n]*'"
_BARE = r"""[^ \t\f\v\r\n"'\\#]+|\\(?>[ \\tnr#'"]|x[0-9A-Fa-f]{2}|(?=[^x\r\n]))"""
_TAIL = r"[^\r\n]*(?>(?:\r(?!\n)[^\r\n]*)*)"

BOM = terminal("bom", r"\A\ufeff")
BLANK = terminal("blank", r"(?>(?:[ \t\f\v]+|(?<![^ \t\f\v\r\n])\r(?!\n))+)")
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", rf"(?>#|\r(?!\n)){_TAIL}")
WORD = terminal("word", rf'(?>(?:{_BARE}|{_DOUBLE}"|{_SINGLE})+)')
UNCLOSED = terminal("unclosed", rf"""["']{_TAIL}""")
ERROR = terminal("error", r"\\")

blank = pp.Opt(BLANK)
statement = branch("statement", WORD + (BLANK + WORD)[...])
line = branch("line", blank + pp.Opt(statement) + blank + pp.Opt(COMMENT))

# Nine lines in ten hold neither quotes nor backslashes: one match reads them, and their words can wait.
INDENT = terminal("indent", r"[ \t]*")
PLAIN = terminal("plain", r"""[^ \t\f\v\r\n"'\\#]+""")
REST = terminal("rest", r"""[^\f\v\r\n"'\\#]*""")
END = terminal("end", r"\n|(?>#[^\n]*)?(?>\r?\n|\Z)")
OTHER = terminal("other", r"[^\n]+\n?")
plain_line = INDENT + pp.Opt(PLAIN("keyword") + REST("rest")) + END

GRAMMAR = Grammar(
    "haproxy",
    lexers={"file": lexer(BOM, BLANK, NEWLINE, COMMENT, WORD, UNCLOSED, ERROR)},
    values={
        "line": plain_line | OTHER("other"),
        # The parts of a word that the lexer has accepted.
        "part": terminal("double", r'"(?>(?:[^"\\$]+|\\.|\$(?:\{[^}]*\})?)*)"')("double")
        | terminal("single", r"'[^']*'")("single")
        | terminal("bare", r"""(?>(?:[^"'\\]+|\\.?)+)""")("bare"),
        "escape": terminal("escape", r"""\\(?:x(?P<hex>..)|(?P<literal>[ \\tnr#'"$]))|(?P<variable>\$)"""),
        "double": terminal("double", _DOUBLE),
    },
    file=pp.Opt(BOM) + line + (NEWLINE + line)[...],
)
