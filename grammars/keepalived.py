r"""keepalived.conf, as keepalived 2.2 reads it (lib/parser.c).

    file         = { line } ;
    line         = definition | block | statement | blank | continuation | newline | comment ;
    definition   = "$" name "=" { value | "{" | "}" | blank | continuation | comment } newline ;
    block        = statement { blank | continuation | newline | comment } "{" { line } "}" ;
    statement    = value { { blank | continuation } value } ;
    value        = string | word ;
    comment      = ( "#" | "!" ) { any but newline } ;
    continuation = "\" newline ;

A comment starts at an unquoted `#` or `!`, also inside a word: `priority 10!x` is 10. `\#` and `\!` are
literal. A string stops at its quote or, unclosed, at the end of the line. `${NAME}` is part of a word.
`@host`, `~SEQ(...)` and `include` are ordinary words here; halint/models/keepalived/preprocess.py knows what they do.
"""

import pyparsing as pp

from halint.grammar import Grammar, branch, forward, lexer, terminal

BLANK = terminal("blank", r"(?>(?:[ \t\f\v]+|\r(?!\n))+)")
CONTINUATION = terminal("continuation", r"\\\r?\n")
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", r"[#!](?>(?:[^\r\n]+|\r(?!\n))*)")
STRING = terminal("string", r'"(?>(?:\\[^\r\n]|[^"\\\r\n]+)*)"')
UNCLOSED = terminal("unclosed", r'"[^\r\n]*')
OPEN = terminal("open", r"\{")
CLOSE = terminal("close", r"\}")
DEFINE = terminal("define", r"\$[A-Za-z_]\w*=")
WORD = terminal("word", r'(?>(?:\$(?:\{[^{}\r\n]*\})?|\\[^\r\n]|[^ \t\f\v\r\n{}"#!$\\]+)+)')
ERROR = terminal("error", r"\\")

gap = BLANK | CONTINUATION
trivia = gap | NEWLINE | COMMENT
value = STRING | WORD
statement = branch("statement", value + ((gap | DEFINE)[...] + value)[...])
definition = branch("definition", DEFINE + (gap | COMMENT | STRING | OPEN | CLOSE | DEFINE | WORD)[...])
body = forward()
block = branch("block", statement + trivia[...] + OPEN - body - CLOSE)
body <<= (definition | block | statement | trivia)[...]

# Most lines are a statement or a brace, without quotes, escapes and variables: one match reads them.
INDENT = terminal("indent", r"[ \t]*")
PLAIN = terminal("plain", r'[^ \t\f\v\r\n{}"#!$\\]+')
REST = terminal("rest", r'[^\f\v\r\n{}"#!$\\]*')
END = terminal("end", r"\n|(?>[#!][^\n]*)?(?>\r?\n|\Z)")
OTHER = terminal("other", r"[^\n]+\n?")
opening = PLAIN("keyword") + REST("rest") + pp.Opt(OPEN("open") + INDENT)
plain_line = INDENT + pp.Opt(opening | CLOSE("close") + INDENT) + END

GRAMMAR = Grammar(
    "keepalived",
    lexers={"file": lexer(BLANK, CONTINUATION, NEWLINE, COMMENT, STRING, UNCLOSED, OPEN, CLOSE, DEFINE, WORD, ERROR)},
    values={"line": plain_line | OTHER("other")},
    file=body,
)
