r"""nft scripts: /etc/nftables.conf, what it includes, and what `nft list ruleset` prints (nft(8)).

    file      = { line } ;
    line      = block | statement | ";" | trivia ;
    block     = part { gap part } { trivia } "{" { line } "}" ;
    statement = item { gap item } ;
    item      = part | set ;
    set       = "{" { item | ";" | trivia } "}" ;
    part      = word | string | operator | "," ;
    gap       = { blank | continuation } ;
    trivia    = blank | continuation | newline | comment ;

A `{` opens a block behind `table NAME` and its kin, in a table, and in `add chain` and its kin; everywhere
else it opens a set, in which newlines mean nothing. The reader knows which; the oracle tries a block first.
"""

from halint.grammar import Grammar, branch, forward, lexer, terminal

BLANK = terminal("blank", r"(?>(?:[ \t]+|\r(?!\n))+)")
CONTINUATION = terminal("continuation", r"\\\r?\n")
NEWLINE = terminal("newline", r"\r?\n")
COMMENT = terminal("comment", r"#(?>(?:[^\r\n]+|\r(?!\n))*)")
STRING = terminal("string", r'"[^"\r\n]*"')
UNCLOSED = terminal("unclosed", r'"[^\r\n]*')
OPEN = terminal("open", r"\{")
CLOSE = terminal("close", r"\}")
END = terminal("semicolon", r";")
COMMA = terminal("comma", r",")
OPERATOR = terminal("operator", r"(?>[=!<>]=?)")
WORD = terminal("word", r'[^ \t\r\n{};,"#=!<>\\]+')
ERROR = terminal("error", r"\\")

gap = BLANK | CONTINUATION
trivia = gap | NEWLINE | COMMENT
part = WORD | STRING | OPERATOR | COMMA
set_ = forward()
item = part | set_
set_ <<= OPEN + (item | END | trivia)[...] + CLOSE
statement = branch("statement", part + (gap | item)[...])
body = forward()
block = branch("block", part + (gap | part)[...] + trivia[...] + OPEN + body + CLOSE)
body <<= (block | statement | END | trivia)[...]

GRAMMAR = Grammar(
    "nftables",
    lexers={
        "file": lexer(
            BLANK, CONTINUATION, NEWLINE, COMMENT, STRING, UNCLOSED, OPEN, CLOSE, END, COMMA, OPERATOR, WORD, ERROR
        )
    },
    file=body,
)
