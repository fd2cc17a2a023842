r"""The XML that firewalld's files are written in: no DTD, no entity declarations, values on one line.

    file        = { misc } element { misc } ;
    element     = "<" name { blank | newline | name "=" value } ( "/>" | ">" content "</" name [ blank ] ">" ) ;
    content     = { element | text | reference | comment | instruction | cdata } ;
    misc        = comment | instruction | text ;                    text of blanks and newlines, outside the element
    comment     = "<!--" { any } "-->" ;              with no "--" in it
    cdata       = "<![CDATA[" { any } "]]>" ;
    instruction = "<?" { any } "?>" ;                 the XML declaration too
    reference   = "&" ( name | "#" digits | "#x" hex digits ) ";" ;

Each lexer is what is open at an offset: `content` between tags, `tag` in one, and so on. That an end tag has the
name of its start tag, and that attributes are named once, is for halint/readers/xml.py.
"""

from halint.grammar import Grammar, branch, forward, lexer, terminal

NAME = r"[A-Za-z_:][A-Za-z0-9_:.-]*"
#: What XML allows: no control character but tab, no byte that is not UTF-8 (a lone surrogate here, of these alone).
#: Small classes one after the other: what `re` takes to compile one grows with what lies in it and between.
CHAR = r"(?![\udc80-\udcff])(?![\ufffe\uffff])[^\x00-\x08\n\x0b-\x1f]"

NEWLINE = terminal("newline", r"\r?\n")
BLANK = terminal("blank", r"[ \t]+")
ERROR = terminal("error", r"[^\n]")

START = terminal("start", rf"<(?={NAME})")
END = terminal("end", r"</")
COMMENT_OPEN = terminal("comment_open", r"<!--")
CDATA_OPEN = terminal("cdata_open", r"<!\[CDATA\[")
PI_OPEN = terminal("pi_open", r"<\?")
DOCTYPE_OPEN = terminal("doctype_open", r"<!")
REFERENCE = terminal("reference", rf"&(?>{NAME}|#[0-9]+|#x[0-9A-Fa-f]+);")
TEXT = terminal("text", rf"(?>(?:[ -%'-;=-\\^-~]+|(?!\]\]>)(?![<&]){CHAR})+)")

NAME_TOKEN = terminal("name", NAME)
EQUALS = terminal("equals", r"=")
VALUE = terminal("value", rf"""(?>"(?>(?:[ !#-;=-~]+|(?![<"]){CHAR})*)"|'(?>(?:[ -&(-;=-~]+|(?![<']){CHAR})*)')""")
UNCLOSED = terminal("unclosed", r"""["'][^\r\n<>]*""")
EMPTY_CLOSE = terminal("empty_close", r"/>")
CLOSE = terminal("close", r">")

COMMENT = terminal("comment", rf"(?>(?:[ -,.-~]+|(?!--){CHAR})+)")
COMMENT_CLOSE = terminal("comment_close", r"-->")
CDATA = terminal("cdata", rf"(?>(?:[ -\\^-~]+|(?!\]\]>){CHAR})+)")
CDATA_CLOSE = terminal("cdata_close", r"\]\]>")
PI = terminal("pi", rf"(?>(?:[ ->@-~]+|(?!\?>){CHAR})+)")
PI_CLOSE = terminal("pi_close", r"\?>")
DOCTYPE = terminal("doctype", r"[^<>\r\n]+")
DOCTYPE_NESTED = terminal("doctype_nested", r"<")
DOCTYPE_CLOSE = terminal("doctype_close", r">")

comment = COMMENT_OPEN - (COMMENT | NEWLINE)[...] - COMMENT_CLOSE
cdata = CDATA_OPEN - (CDATA | NEWLINE)[...] - CDATA_CLOSE
instruction = PI_OPEN - (PI | NEWLINE)[...] - PI_CLOSE
gap = (BLANK | NEWLINE)[...]
attribute = (BLANK | NEWLINE)[1, ...] + NAME_TOKEN + gap + EQUALS + gap + VALUE
content = forward()
element = branch(
    "element",
    START + NAME_TOKEN + attribute[...] + gap + (EMPTY_CLOSE | CLOSE - content - END - NAME_TOKEN - gap - CLOSE),
)
content <<= (element | comment | cdata | instruction | REFERENCE | TEXT | NEWLINE)[...]
misc = comment | instruction | TEXT | NEWLINE

GRAMMAR = Grammar(
    "xml",
    lexers={
        "content": lexer(NEWLINE, START, END, COMMENT_OPEN, CDATA_OPEN, PI_OPEN, DOCTYPE_OPEN, REFERENCE, TEXT, ERROR),
        "tag": lexer(NEWLINE, BLANK, NAME_TOKEN, EQUALS, VALUE, UNCLOSED, EMPTY_CLOSE, CLOSE, START, END, ERROR),
        "comment": lexer(NEWLINE, COMMENT_CLOSE, COMMENT, ERROR),
        "cdata": lexer(NEWLINE, CDATA_CLOSE, CDATA, ERROR),
        "pi": lexer(NEWLINE, PI_CLOSE, PI, ERROR),
        "doctype": lexer(NEWLINE, DOCTYPE_NESTED, DOCTYPE_CLOSE, DOCTYPE, ERROR),
    },
    file=misc[...] + element + misc[...],
)
