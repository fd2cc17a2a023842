r"""logrotate.conf and the files of logrotate.d, as logrotate 3.21 reads them (logrotate.conf(5), measured).

    file    = { blank | newline | comment | script | flag | option | entry } ;
    entry   = head "{" { blank | newline | comment | script | flag | option } ( "}" | end of file ) ;
    head    = pattern { blank | newline | comment | pattern } ;
    pattern = word, the first of an entry beginning with "/", "~" or a quote; it may hold quoted strings ;
    flag    = a keyword that takes no value, behind which the line goes on: { daily missingok } ;
    option  = keyword [ blank ] [ "=" ] { blank | argument } newline ;
    script  = ( "prerotate" | "postrotate" | ... ) [ body ] newline { body newline } [ blank ] "endscript" ;
    comment = "#" { any but newline } ;

The value of an option goes to the end of the line, `#` and `}` included. Braces in quotes are braces. A carriage
return is an error where no value ends. A missing `}` at the end of the file is none. Which keywords are flags and which
open scripts: logrotate.toml.
"""

import pyparsing as pp

from halint.grammar import Grammar, branch, lexer, terminal
from halint.patterns.logrotate_table import TAKES

_END = r"(?![^ \t\r\n])"
_FLAGS = "|".join(keyword for keyword, kind in TAKES.items() if not kind)
_SCRIPTS = "|".join(keyword for keyword, kind in TAKES.items() if kind == "script")
_PIECE = r"""\\[^\r\n]|[^ \t\r\n\"'{}\\]+|"(?>(?:\\[^\r\n{}]|[^"\\\r\n{}]+)*)"|'(?>(?:\\[^\r\n{}]|[^'\\\r\n{}]+)*)'"""

BLANK = terminal("blank", r"(?>(?:[ \t]+|\r(?!\n))+)")
NEWLINE = terminal("newline", r"\n")
RETURN = terminal("return", r"\r\n")
COMMENT = terminal("comment", r"#[^\r\n]*")
OPEN = terminal("open", r"\{")
CLOSE = terminal("close", r"\}")
SCRIPT = terminal("script", rf"(?:{_SCRIPTS}){_END}")
# The lexer reads it as a keyword; the reader knows better.
FLAG = terminal("flag", rf"(?:{_FLAGS}){_END}")
KEYWORD = terminal("keyword", r"[A-Za-z]+")
FIRST = terminal("word", rf"(?=[/~\"'])(?>(?:{_PIECE})+)")
WORD = terminal("word", rf"(?>(?:{_PIECE})+)")
ERROR = terminal("error", r"[^ \t\r\n{}][^ \t\r\n]*")
EQUALS = terminal("equals", "=")
ARGUMENT = terminal("argument", r"[^ \t\r\n]+")
BODY = terminal("body", r"[^ \t\r\n][^\r\n]*")
ENDSCRIPT = terminal("endscript", r"endscript(?![A-Za-z])[^ \t\r\n]?")

blank = pp.Opt(BLANK)
end = NEWLINE | pp.FollowedBy(pp.StringEnd())
trivia = BLANK | NEWLINE | COMMENT
script = (
    SCRIPT + blank + pp.Opt(BODY) + NEWLINE + (blank + ~ENDSCRIPT + pp.Opt(BODY) + NEWLINE)[...] + blank + ENDSCRIPT
)
option = ~SCRIPT + ~FLAG + KEYWORD + blank + pp.Opt(EQUALS) + (BLANK | ARGUMENT)[...] + end
continued = NEWLINE + (blank + pp.Opt(COMMENT) + NEWLINE)[...] + blank
head = FIRST + (BLANK | continued | WORD)[...]
inner = trivia | script | FLAG | option
entry = branch("entry", head + OPEN + inner[...] + (CLOSE | pp.FollowedBy(pp.StringEnd())))

GRAMMAR = Grammar(
    "logrotate",
    lexers={
        "file": lexer(BLANK, NEWLINE, RETURN, COMMENT, OPEN, CLOSE, SCRIPT, KEYWORD, FIRST, ERROR),
        "option": lexer(BLANK, NEWLINE, RETURN, EQUALS, ARGUMENT),
        "arguments": lexer(BLANK, NEWLINE, RETURN, ARGUMENT),
        "head": lexer(BLANK, NEWLINE, RETURN, OPEN, CLOSE, WORD, ERROR),
        "headline": lexer(BLANK, NEWLINE, RETURN, COMMENT, OPEN, CLOSE, WORD, ERROR),
        "script": lexer(BLANK, NEWLINE, RETURN, BODY),
        "body": lexer(BLANK, NEWLINE, RETURN, ENDSCRIPT, BODY),
        "recovering": lexer(BLANK, NEWLINE, RETURN, ENDSCRIPT, CLOSE, BODY),
    },
    file=(inner | entry)[...],
)
