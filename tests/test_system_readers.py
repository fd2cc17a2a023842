"""The readers of sysctl, KEY=VALUE, ini, rsyslog and logrotate files against their grammars and on hostile input."""

from __future__ import annotations

import importlib

import pyparsing as pp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint import registry
from halint.grammar import Branch
from halint.source import Source
from halint.tree import Statement, Token, Tree

FORMATS = ("sysctl", "assignments", "ini", "logrotate", "rsyslog")

#: What matters to one of the formats, so that random texts of it hit their corners.
PIECES = {
    "sysctl": ["net.ipv4.x", "-k", " ", "\t", "=", "1", "\n", "\r\n", "\r", "#c", ";c", '"', "\\", "\u0085", "a b"],
    "assignments": [
        "A", "export A=", "B=", "=", " ", "\t", '"', "'", "\\", "\\\n", "\n", "\r\n", "\r", "#c", ";",
        "-D -S 1", "\udcff",
    ],
    "logrotate": [
        "/a.log", '"/b c"', "'", '"', " ", "\t", "{", "}", "\n", "\n", "\r\n", "\r", "#c", "rotate 3", "=", "\\",
        "postrotate\n", "\nendscript\n", "x y\n", "~/c",
    ],
    "rsyslog": [
        "local1.*", ";local2.=info", " ", "\t", "-/var/log/a;T", "~", "stop", "&", "\n", "\n", "\r\n", "\r", "{", "}",
        "# c", "/* c", "*/", "$ModLoad imudp", ':programname, startswith, "h"', 'if $x == "y" then ', "else ",
        "action(", 'a="b"',
        "[", ")", "\\\n", '"', "module(", "set $.x = 1;", "ruleset(", "call r", "*",
    ],
    "ini": ["[s]", "[", "]", "key", "=", " ", "value", "\\", "\\\n", "\n", "\r\n", "\r", "# c\n", ";", "\xa0", "a\\ b"],
}  # fmt: skip


def read(format: str, text: str) -> Tree:
    tree: Tree = importlib.import_module(f"halint.readers.{format}").read(Source("file", text, format=format))
    return tree


def shape(statements: list[Statement]) -> list[object]:
    return [
        [word.text for word in s.words] if s.body is None else [[word.text for word in s.words], shape(s.body)]
        for s in statements
    ]


def leaves(nodes: list[Token | Branch]) -> list[Token]:
    found = []
    for node in nodes:
        found += [node] if isinstance(node, Token) else leaves(node.children)
    return found


def check_lossless(tree: Tree) -> None:
    text, at = tree.source.text, 0
    for token in tree.tokens():
        assert token.start == at
        assert token.end > at
        inside = text[token.start : token.end]
        assert "\n" not in inside.removesuffix("\n")
        at = token.end
    assert at == len(text)
    for statement in tree.walk():
        for word in statement.words:
            assert 0 <= word.start <= word.end <= len(text)


def check_against_grammar(format: str, tree: Tree) -> None:
    try:
        parsed = leaves(registry.grammars()[format].parse(tree.source.text))
    except pp.ParseBaseException:
        return
    if not tree.problems:
        assert parsed == list(tree.tokens())


@pytest.mark.parametrize("format", FORMATS)
def test_any_text_is_read_without_loss_and_as_the_grammar_says(format: str) -> None:
    @given(st.lists(st.sampled_from(PIECES[format]), max_size=14).map("".join))
    def check(text: str) -> None:
        tree = read(format, text)
        check_lossless(tree)
        check_against_grammar(format, tree)

    check()


@pytest.mark.parametrize("format", FORMATS)
def test_any_bytes_are_read(format: str) -> None:
    @given(st.binary(max_size=60))
    def check(data: bytes) -> None:
        check_lossless(read(format, data.decode("utf-8", "surrogateescape")))

    check()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("piece", ['"', "'", "{", "[", "\\\n", " ", "a=", "(", "/*", '$x"', "&", "\t=", "-", "A=' \n"])
def test_hostile_repeats_are_read(format: str, piece: str) -> None:
    check_lossless(read(format, "A=" + piece * 20_000))


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        ("sysctl", "# c\n\n a.b = 1 # on\r\n-c/d=x y \n;\n-e.f\n", [["a.b", "1 # on"], ["-c/d", "x y"], ["-e.f"]]),
        ("sysctl", "kernel.x=", [["kernel.x", ""]]),
        ("assignments", "A=1\nexport B='x \"y' # c\n", [["A", "1"], ["B", 'x "y']]),
        ("assignments", 'OPTS="-D -S 1"  \n', [["OPTS", "-D -S 1"]]),
        ("assignments", 'OPTS="-D \\\n  -P"\nX=1\n', [["OPTS", "-D   -P"], ["X", "1"]]),
        ("assignments", "OPTS=-D -S 1\n", [["OPTS", "-D -S 1"]]),
        ("assignments", 'A="x\ny"\nB=2', [["A", "x\ny"], ["B", "2"]]),
        ("assignments", 'A="\\"\\$\\a "\n', [["A", '"$\\a ']]),
        ("assignments", "if true; then\nA=1\nfi\n", [["if true; then"], ["A", "1"], ["fi"]]),
        ("assignments", "A=\nB=x#y\n", [["A", ""], ["B", "x#y"]]),
        ("logrotate", "weekly\ninclude /etc/logrotate.d\n", [["weekly"], ["include", "/etc/logrotate.d"]]),
        ("logrotate", "/a.log /b*.log\n# c\n\"/c d\"\n{\n rotate=3\n\tcreate 0640 root adm\n}\n", [
            [["/a.log", "/b*.log", "/c d"], [["rotate", "3"], ["create", "0640", "root", "adm"]]],
        ]),
        ("logrotate", "/a{\n postrotate\n  }\n  endscript\n}\n/b {\n", [
            [["/a"], [["postrotate", "\n  }\n  "]]], [["/b"], []],
        ]),
        ("logrotate", "/a { daily missingok # c\n create\n}\n", [[["/a"], [["daily"], ["missingok"], ["create"]]]]),
        ("logrotate", '/a" b"\\ c/\'d\\e"\' "~/f\\"" {\n}\n', [[['/a b c/d\\e"', '~/f"'], []]]),
        ("logrotate", "compressoptions = -9\nrotate=3\nweekly 3\n", [
            ["compressoptions", "=", "-9"], ["rotate", "3"], ["weekly", "3"],
        ]),
        ("logrotate", "/a {\n prerotate\n }\n endscript\n postrotate\n x\n}\n/b {\n}\n", [
            [["/a"], [["prerotate", "\n }\n "], ["postrotate", "\n x\n"]]], [["/b"], []],
        ]),
        ("rsyslog", "$ModLoad imudp # c\n$UDPServerRun 514\n", [
            ["$ModLoad", "imudp", "#", "c"], ["$UDPServerRun", "514"],
        ]),
        ("rsyslog", "local2.=info\t-/var/log/h.log;Haproxy\n& /b\n& ~\n*.* @@h\n", [
            [["local2.=info"], [["-/var/log/h.log;Haproxy"], ["/b"], ["~"]]], [["*.*"], [["@@h"]]],
        ]),
        ("rsyslog", "*.=debug;\\\n\tauth.none\t/d\n", [[["*.=debug;auth.none"], [["/d"]]]]),
        ("rsyslog", ':programname, startswith, "haproxy" {\n  /var/log/h.log\n  stop\n}\n*.emerg :omusrmsg:*\n', [
            [[":programname", "startswith", "haproxy"], [["/var/log/h.log"], ["stop"]]],
            [["*.emerg"], [[":omusrmsg:*"]]],
        ]),
        ("rsyslog", (
            'if $a == "x" and not ($b startswith \'y\')\nthen { /a\n stop } '
            "else if $c > 3 then /c\nelse /d\n& stop\n/e\n"
        ), [
            [["if", "$a", "==", "x", "and", "not", "(", "$b", "startswith", "y", ")"], [["/a"], ["stop"]]],
            [["else"], [[["if", "$c", ">", "3"], [["/c"]]], [["else"], [["/d"], ["stop"]]]]],
            ["/e"],
        ]),
        ("rsyslog", "if $a then if $b then /x\nelse /y\nelse /z\n", [
            [["if", "$a"], [[["if", "$b"], [["/x"]]], [["else"], [["/y"]]]]], [["else"], [["/z"]]],
        ]),
        ("rsyslog", 'module(load="imudp") # c\ninput(type="imudp"\n  port=["514","515"] /* c */\n  address="::1")\n', [
            ["module", "load", "imudp"], ["input", "type", "imudp", "port", "514", "port", "515", "address", "::1"],
        ]),
        ("rsyslog", (
            'ruleset(name="r") {\n action(type="omfile" file="/a")\n call x\n}\n' 'template(name="t" string="a\nb")\n'
        ), [
            [["ruleset", "name", "r"], [["action", "type", "omfile", "file", "/a"], ["call", "x"]]],
            ["template", "name", "t", "string", "a\nb"],
        ]),
        ("rsyslog", "*.emerg root,admin\n*.*/glued\nIF $a == 1 THEN Stop\n", [
            [["*.emerg"], [["root,admin"]]], [["*.*"], [["/glued"]]], [["IF", "$a", "==", "1"], [["Stop"]]],
        ]),
        ("rsyslog", "set $.x = 1;\nlocal1.* {\n$Umask 0022\n/a\n}\n", [
            ["set", "$.x", "=", "1"], [["local1.*"], [["$Umask", "0022"], ["/a"]]],
        ]),
        ("ini", "[Unit]\nA=b c\n# x\n[Service]\nE = f \\\n# c\n\n  g\nH=\n", [
            [["Unit"], [["A", "b c"]]], [["Service"], [["E", "f g"], ["H", ""]]],
        ]),
        ("ini", "[a b]\r\nk=1=2\r\n", [[["a b"], [["k", "1=2"]]]]),
    ],
)  # fmt: skip
def test_statements(format: str, text: str, expected: list[object]) -> None:
    tree = read(format, text)
    assert shape(tree.statements) == expected
    assert not tree.problems


ENDS = "; rsyslogd reads nothing that stands below"


@pytest.mark.parametrize(
    ("format", "text", "line", "column", "message", "expected"),
    [
        ("sysctl", "a.b 1\nc.d = 2\n", 1, 1, "expected KEY = VALUE", [["c.d", "2"]]),
        ("sysctl", "x = 1\n = 1\n", 2, 2, "expected a key before =", [["x", "1"]]),
        ("assignments", 'A="x\nB=2\n', 1, 3, 'expected a closing "', [["A", "x"], ["B", "2"]]),
        ("assignments", "B='", 1, 3, "expected a closing '", [["B", ""]]),
        ("logrotate", "/a {\n weekly }\n/b {\n}\n", 2, 9, "expected } on a line of its own", [
            [["/a"], [["weekly"]]], [["/b"], []],
        ]),
        ("logrotate", "weekly\n}\n", 2, 1, "expected no }: there is no open entry", [["weekly"]]),
        ("logrotate", "/a\n}\n", 1, 1, "expected { after the log files", []),
        ("logrotate", "weekly; rotate 3\n", 1, 7, "expected a blank after the keyword", [
            ["weekly", ";", "rotate", "3"],
        ]),
        ("logrotate", "/a\n", 1, 1, "expected { after the log files", []),
        ("logrotate", "/a {\n/b {\n}\n", 2, 1, "expected } before this log file", [[["/a"], []], [["/b"], []]]),
        ("logrotate", "weekly\n{\n", 2, 1, "expected a log file before {", [["weekly"]]),
        ("logrotate", "weekly\r\n\r\nrotate 2\r\n", 2, 1, "expected a line ending without carriage return", [
            ["weekly"], ["rotate", "2"],
        ]),
        ("rsyslog", 'input(type="imudp"\nlocal1.* /a\n', 1, 1, "expected ) for this input", [
            ["input", "type", "imudp"], [["local1.*"], [["/a"]]],
        ]),
        ("rsyslog", 'action(type="x\n$ModLoad a\n', 1, 13, 'expected a closing "', [["action"], ["$ModLoad", "a"]]),
        ("rsyslog", "local1.* {\n /a }\n", 1, 1, "expected } for this filter", [[["local1.*"], [["/a }"]]]]),
        ("rsyslog", "/a\n}\n/b\n", 2, 1, "expected no }: there is no open block" + ENDS, [["/a"], ["/b"]]),
        ("rsyslog", "& stop\n", 1, 1, "expected an action before &" + ENDS, [["stop"]]),
        ("rsyslog", "if $a == b c then /a\n", 1, 10, "expected quotes around b, or an operator in its place" + ENDS, [
            [["if", "$a", "==", "b", "c"], [["/a"]]],
        ]),
        ("rsyslog", 'ruleset(name="x")\n/a\n', 1, 1, "expected { behind this ruleset" + ENDS, [
            ["ruleset", "name", "x"], ["/a"],
        ]),
        ("rsyslog", "local1.* {\n $Umask 0022\n}\n", 3, 1, "expected an action in the block of this filter" + ENDS, [
            [["local1.*"], [["$Umask", "0022"]]],
        ]),
        ("rsyslog", "local1.*\n", 1, 1, "expected an action for this filter", [[["local1.*"], []]]),
        ("rsyslog", ":msg, contains\n/a\n", 1, 1, 'expected , a comparison, and "a value" for this :msg', [
            [[":msg", "contains"], [["/a"]]],
        ]),
        ("rsyslog", 'if $a == "x" # c\n then /a\n', 1, 14, "expected an expression", [
            [["if", "$a", "==", "x", "c"], [["/a"]]],
        ]),
        ("ini", "[a\nk=1\n", 1, 1, "expected ] at the end of this section's name", [[["a"], [["k", "1"]]]]),
        ("ini", "k=1\n[a]\n", 1, 1, "expected a [section] before this", [["k", "1"], [["a"], []]]),
        ("ini", "[a]\nfoo\nk=1\n", 2, 1, "expected KEY=VALUE", [[["a"], [["k", "1"]]]]),
    ],
)  # fmt: skip
def test_problems(format: str, text: str, line: int, column: int, message: str, expected: list[object]) -> None:
    tree = read(format, text)
    (problem,) = tree.problems
    assert tree.source.position(problem.start) == (line, column)
    assert problem.message == message
    assert shape(tree.statements) == expected
