r"""What iptables-save prints and iptables-restore reads (iptables-restore(8), xshared.c of iptables 1.8).

    file    = { table | blank line | comment } ;
    table   = "*" name { chain | rule | blank line | comment } "COMMIT" ;
    chain   = ":" name policy [ "[" packets ":" bytes "]" ] ;
    rule    = [ "[" packets ":" bytes "]" ] word { blank word } ;         -A INPUT -p vrrp -j ACCEPT
    word    = { string | any but blank, quote and newline } ;
    string  = '"' { any but quote and newline | "\" any } '"' ;
    comment = "#" { any but newline } ;                                   at the start of a line only

The arguments of a direct rule of firewalld are words of this format too.
"""

from halint.grammar import Grammar, branch, lexer, terminal

BLANK = terminal("blank", r"(?>(?:[ \t]+|\r(?!\n))+)")
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", r"(?m:^)#[^\r\n]*")
TABLE = terminal("table", r"(?m:^)\*[^ \t\r\n]*")
COMMIT = terminal("commit", r"(?m:^)COMMIT(?![^ \t\r\n])")
WORD = terminal("word", r"""(?>(?:"(?>(?:\\[^\r\n]|[^"\\\r\n]+)*)"|'[^'\r\n]*'|[^ \t\r\n"']+)+)""")
UNCLOSED = terminal("unclosed", r"""["'][^\r\n]*""")

trivia = BLANK | NEWLINE | COMMENT
statement = branch("statement", ~COMMIT + WORD + (BLANK | WORD)[...])
table = branch("table", TABLE - (trivia | statement)[...] - COMMIT)

GRAMMAR = Grammar(
    "iptables",
    lexers={"file": lexer(BLANK, NEWLINE, COMMENT, TABLE, COMMIT, WORD, UNCLOSED)},
    file=(trivia | table)[...],
)
