r"""logrotate.conf and the files of logrotate.d, as logrotate 3.21 reads them (logrotate.conf(5), measured).

    file    = { blank | newline | comment | script | option | entry } ;
    entry   = head "{" { blank | newline | comment | script | option } ( "}" | end of file ) ;
    head    = pattern { blank | newline | comment | pattern } ;
    pattern = string | word, the first of an entry beginning with "/", "~" or a quote ;
    option  = keyword [ blank ] [ "=" ] { blank | argument } newline ;
    script  = ( "prerotate" | "postrotate" | ... ) [ body ] newline { body newline } [ blank ] "endscript" ;
    comment = "#" { any but newline } ;

A comment has a line of its own; so has an option, and its value goes to the end of the line, `#` and `}`
included. A carriage return is an error. A missing `}` at the end of the file is none.
"""

import pyparsing as pp

from halint.grammar import Grammar, branch, lexer, terminal

_END = r"(?![^ \t\r\n])"

BLANK = terminal("blank", r"(?>(?:[ \t]+|\r(?!\n))+)")
NEWLINE = terminal("newline", r"\n")
RETURN = terminal("return", r"\r\n")
COMMENT = terminal("comment", r"#[^\r\n]*")
OPEN = terminal("open", r"\{")
CLOSE = terminal("close", r"\}")
SCRIPT = terminal("script", rf"(?:prerotate|postrotate|firstaction|lastaction|preremove){_END}")
KEYWORD = terminal("keyword", r"[A-Za-z][A-Za-z0-9_-]*")
FIRST = terminal("word", r"(?=[/~])(?>(?:\\[^\r\n]|[^ \t\r\n\"'{}\\]+)+)")
WORD = terminal("word", r"(?>(?:\\[^\r\n]|[^ \t\r\n\"'{}\\]+)+)")
STRING = terminal("string", r""""(?>(?:\\[^\r\n]|[^"\\\r\n]+)*)"|'[^'\r\n]*'""")
ERROR = terminal("error", r"[^ \t\r\n{}][^ \t\r\n]*")
EQUALS = terminal("equals", "=")
ARGUMENT = terminal("argument", r"[^ \t\r\n]+")
BODY = terminal("body", r"[^ \t\r\n][^\r\n]*")
ENDSCRIPT = terminal("endscript", rf"endscript{_END}")

blank = pp.Opt(BLANK)
end = NEWLINE | pp.FollowedBy(pp.StringEnd())
trivia = BLANK | NEWLINE | COMMENT
script = (
    SCRIPT + blank + pp.Opt(BODY) + NEWLINE + (blank + ~ENDSCRIPT + pp.Opt(BODY) + NEWLINE)[...] + blank + ENDSCRIPT
)
option = ~SCRIPT + KEYWORD + blank + pp.Opt(EQUALS) + (BLANK | ARGUMENT)[...] + end
pattern = STRING | WORD
continued = NEWLINE + (blank + pp.Opt(COMMENT) + NEWLINE)[...] + blank
head = (STRING | FIRST) + (BLANK | continued | pattern)[...]
entry = branch("entry", head + OPEN + (trivia | script | option)[...] + (CLOSE | pp.FollowedBy(pp.StringEnd())))

GRAMMAR = Grammar(
    "logrotate",
    lexers={
        "file": lexer(BLANK, NEWLINE, RETURN, COMMENT, OPEN, CLOSE, SCRIPT, KEYWORD, STRING, FIRST, ERROR),
        "option": lexer(BLANK, NEWLINE, RETURN, EQUALS, ARGUMENT),
        "arguments": lexer(BLANK, NEWLINE, RETURN, ARGUMENT),
        "head": lexer(BLANK, NEWLINE, RETURN, OPEN, CLOSE, STRING, WORD, ERROR),
        "headline": lexer(BLANK, NEWLINE, RETURN, COMMENT, OPEN, CLOSE, STRING, WORD, ERROR),
        "script": lexer(BLANK, NEWLINE, RETURN, BODY),
        "body": lexer(BLANK, NEWLINE, RETURN, ENDSCRIPT, BODY),
        "recovering": lexer(BLANK, NEWLINE, RETURN, ENDSCRIPT, CLOSE, BODY),
    },
    file=(trivia | script | option | entry)[...],
)
