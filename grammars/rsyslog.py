r"""rsyslog.conf and the files of rsyslog.d, as rsyslogd 8.2302 reads them (rsyslog.conf(5), grammar/lexer.l).

    file      = { item } ;
    item      = trivia | directive | object | action_list | "}" | head block ;
    head      = selector | property | "if" expression "then" | "else" | "foreach" expression "do"
              | ( "ruleset" | "template" ) "(" parameters ")" ;
    block     = "{" { item } "}" | item ;
    action_list = action { "&" action } ;
    action    = legacy | "stop" | "continue" | "call" name | object | assignment ;
    object    = name "(" { parameter } ")" ;
    parameter = name "=" ( string | "[" string { "," string } "]" ) ;
    selector  = priorities { continuation blank priorities } ;
    property  = ":" name "," [ "!" ] comparison "," string ;
    directive = "$" name { argument } newline ;
    assignment = ( "set" | "unset" | "reset" | "call_indirect" ) expression ";" ;

What a character means depends on where it stands: a `/` begins a file action, or a comment as `/*`; a legacy
action goes to the end of its line, a `}` in it included; a selector and a property filter stand at the start of
a line. Keywords are the same in capitals. `file` below gives the order of the tokens; which block a statement
belongs to is read by halint/readers/rsyslog.py.
"""

from pyparsing import Opt, ParseResults

from halint.grammar import Grammar, branch, forward, lexer, terminal

_BLANK = r"(?>(?:[ \t]+|\r(?!\n))+)"
_REST = r"(?>(?:[^\n]*[^ \t\r\n])?)"
_DOUBLE = r'"(?>(?:\\[^\r\n]|[^"\\\r\n]+)*)'
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_WORD_END = r"(?![A-Za-z0-9_])"


def _any_case(*words: str) -> str:
    """Any of `words`, in capitals too; of ASCII alone, since `(?i:s)` is a long s, too."""
    return f"(?ai:{'|'.join(words)})"


def _is_first(text: str, at: int, _found: ParseResults) -> bool:
    """Whether only blanks stand before `at` on its line: elsewhere what looks like a selector is the name of a user."""
    before = text[:at].replace("\\\r\n", "").replace("\\\n", "")
    return not before[before.rfind("\n") + 1 :].strip(" \t\r")


BLANK = terminal("blank", _BLANK)
NEWLINE = terminal("newline", r"\r?\n")
CONTINUATION = terminal("continuation", r"\\\r?\n")
COMMENT = terminal("comment", r"#(?>(?:[^\r\n]+|\r(?!\n))*)")
COMMENT_START = terminal("comment_start", r"/\*")
COMMENT_TEXT = terminal("comment_text", r"(?>(?:[^*\r\n]+|\*(?!/)|\r(?!\n))+)")
COMMENT_END = terminal("comment_end", r"\*/")

DIRECTIVE = terminal("directive", r"\$[A-Za-z][^ \t\r\n]*")
ARGUMENT = terminal("argument", r"(?>(?:[^ \t\r\n\\]+|\\(?!\r?\n))+)")

SELECTOR = terminal("selector", r"[*A-Za-z]+[0-7]*[.,][,!=;.*A-Za-z0-7]+")
PRIORITIES = terminal("priorities", r"[,!=;.*A-Za-z0-7]+")
PROPERTY = terminal("property", r":\$?[A-Za-z!.-]+(?=[ \t]*,)")
COMMA = terminal("comma", ",")
COMPARISON = terminal("comparison", r"!?[A-Za-z]+")
STRING = terminal("string", rf'{_DOUBLE}"')
UNCLOSED = terminal("unclosed", _DOUBLE)
REMOVED = terminal("removed", rf"[!+]{_REST}")

IF = terminal("if", _any_case("if") + _WORD_END)
ELSE = terminal("else", _any_case("else") + _WORD_END)
FOREACH = terminal("foreach", _any_case("foreach") + _WORD_END)
ASSIGN = terminal("assign", _any_case("set", "unset", "reset", "call_indirect") + r"(?![A-Za-z0-9_(])")
CALL = terminal("call", _any_case("call") + r"(?=[ \t])")
SIMPLE = terminal("simple", _any_case("stop", "continue") + r"(?![A-Za-z0-9_,;+-])")
OBJECT = terminal("object", rf"{_NAME}(?=[ \t]*\()")
AND = terminal("and", "&")
OPEN = terminal("open", r"\{")
CLOSE = terminal("close", r"\}")
LEGACY = terminal("legacy", rf"(?:-?/(?!\*)|:[A-Za-z0-9]+:|[|.\-@^?~>]){_REST}|\*|[A-Za-z0-9_][A-Za-z0-9_+,;-]*")
GLUED = terminal("legacy", rf"(?!\\\r?\n)[^ \t\r\n{{]{_REST}")
CALLED = terminal("legacy", r"[A-Za-z0-9_.-]+")
ERROR = terminal("error", r"[^ \t\r\n]")

PAREN = terminal("paren", r"\(")
END_PAREN = terminal("end_paren", r"\)")
PARAMETER = terminal("parameter", r"[A-Za-z][A-Za-z0-9_.]*")
EQUALS = terminal("equals", "=")
ARRAY = terminal("array", r"[\[\],]")
BACKTICK = terminal("backtick", r"`[^`\r\n]*`")
PART_OPEN = terminal("part_open", rf"{_DOUBLE}(?=\\?\r?\n)")
PART = terminal("part", r'(?>(?:\\[^\r\n]|[^"\\\r\n]+|\r(?!\n))+)')
INNER = terminal("inner", r"\\?\r?\n")
PART_END = terminal("part_end", '"')

THEN = terminal("then", _any_case("then", "do") + _WORD_END)
SEMICOLON = terminal("semicolon", ";")
VARIABLE = terminal("variable", r"\$[$!./]?[@A-Za-z_]*[!@A-Za-z0-9\-_.\[\]]*")
OPERATOR = terminal("operator", r"==|<=|>=|!=|<>|[<>=,*/%+&\-\[\]()]")
QUOTED = terminal("string", rf"""{_DOUBLE}"|'(?>(?:\\[^\r\n]|[^'\\\r\n]+)*)'|`[^`\r\n]*`""")
OPERAND = terminal("operand", r"[A-Za-z0-9_]+")

gap = BLANK | CONTINUATION
c_comment = COMMENT_START + (COMMENT_TEXT | NEWLINE)[...] + COMMENT_END
space = gap | NEWLINE
trivia = space | COMMENT | c_comment
directive = DIRECTIVE + (gap | ARGUMENT)[...]
first = SELECTOR.copy().add_condition(_is_first)
selector = first + (CONTINUATION + BLANK[...] + PRIORITIES)[...] + Opt(GLUED) | SELECTOR
prop = PROPERTY + gap[...] + COMMA + gap[...] + COMPARISON + gap[...] + COMMA + gap[...] + STRING
long_string = PART_OPEN + (INNER | PART)[...] + PART_END
text = STRING | long_string | BACKTICK
inside = space | COMMENT | c_comment
parameters = PAREN + (inside | PARAMETER | EQUALS | ARRAY | text)[...] + END_PAREN
expression = (space | c_comment | ~THEN + ~SEMICOLON + (QUOTED | VARIABLE | OPERATOR | OPERAND))[...]
body = forward()
block = branch("block", OPEN + body + CLOSE)
condition = (IF | FOREACH) + expression + THEN
assignment = ASSIGN + expression + SEMICOLON
item = directive | prop | selector | REMOVED | condition | ELSE | assignment | CALL + BLANK + CALLED | SIMPLE | AND
body <<= (trivia | block | item | OBJECT + gap[...] + parameters | LEGACY)[...]

_KEYWORDS = (IF, ELSE, FOREACH, ASSIGN, CALL, SIMPLE, OBJECT, AND, OPEN, CLOSE)
_TRIVIA = (BLANK, NEWLINE, CONTINUATION, COMMENT, COMMENT_START)
_COMMENT = lexer(COMMENT_TEXT, NEWLINE, COMMENT_END, ERROR)
_OBJECT = (ARRAY, EQUALS, PARAMETER, STRING, BACKTICK)
#: A line that cannot belong to an object's parameters, where its `)` is missing.
BREAK = terminal(
    "break", r"\r?\n(?=[ \t]*(?:[$}&:]|if[ \t(]|[*A-Za-z]+[0-7]*[.,][^= \t\r\n]*[ \t]|[A-Za-z_]+[ \t]*\())"
)

GRAMMAR = Grammar(
    "rsyslog",
    lexers={
        "file": lexer(*_TRIVIA, DIRECTIVE, PROPERTY, SELECTOR, REMOVED, *_KEYWORDS, LEGACY, ERROR),
        "comment": _COMMENT,
        "directive": lexer(BLANK, NEWLINE, CONTINUATION, ARGUMENT, ERROR),
        "selector": lexer(CONTINUATION, BLANK, NEWLINE, OPEN, GLUED, ERROR),
        "priorities": lexer(BLANK, NEWLINE, PRIORITIES, ERROR),
        "property": lexer(BLANK, NEWLINE, CONTINUATION, COMMA, COMPARISON, STRING, UNCLOSED, ERROR),
        "call": lexer(BLANK, NEWLINE, CALLED, ERROR),
        "before": lexer(BLANK, NEWLINE, CONTINUATION, PAREN),
        "object": lexer(*_TRIVIA, END_PAREN, *_OBJECT, PART_OPEN, ERROR),
        "long": lexer(INNER, PART, PART_END, ERROR),
        "recovering": lexer(BREAK, *_TRIVIA, END_PAREN, *_OBJECT, UNCLOSED, ERROR),
        "expression": lexer(
            BLANK, NEWLINE, CONTINUATION, COMMENT_START, THEN, SEMICOLON, QUOTED, VARIABLE, OPERATOR, OPERAND, ERROR
        ),
    },
    file=body,
)
