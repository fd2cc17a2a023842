"""The readers of firewall files: lossless, total, and of one mind with expat and with their grammars."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint.readers import iptables, nftables, xml
from halint.readers.xml import Element
from halint.source import Source
from halint.tree import Tree

Reader = Callable[[Source], Tree]

READERS: dict[str, Reader] = {"xml": xml.read, "nftables": nftables.read, "iptables": iptables.read}
PIECES = {
    "xml": [
        "<zone>", "</zone>", '<a b="c"/>', "<a", " b=", '"x"', "'y'", ">", "/>", "<!--", "-->", "--", "<![CDATA[",
        "]]>", '<?xml version="1.0"?>', "<?p q?>", "&lt;", "&#65;", "&#0;", "&x;", "&", "<", "text", " ", "\n", "\r\n",
        "\t", "=", "</", "a", "</a>", "\udc80", "\x01", 'b="c"', "/",
    ],
    "nftables": [
        "table inet f {", "chain in {", "}", "{", "\n", ";", " ", "type filter hook input priority 0;", "accept",
        "ip saddr", "1.2.3.4", ",", '"a b"', '"', "\\\n", "\\", "#c", "ct state {", "elements = {", "define x = {",
        "add chain", "$x", "!=", "\x85", "\xa0", "\udc80", "\r\n",
    ],
    "iptables": [
        "*filter", "\n", ":INPUT ACCEPT [0:0]", "-A INPUT", " ", '"', '"a b"', "'", "COMMIT", "#c", "\\", "-p vrrp",
        "\r", "\x85", "\udc80",
    ],
}  # fmt: skip


def read(format: str, text: str) -> Tree:
    return READERS[format](Source("file", text, format=format))


def root(text: str) -> Element:
    tree = read("xml", text)
    assert not tree.problems
    (element,) = tree.statements
    assert isinstance(element, Element)
    return element


@pytest.mark.parametrize("format", READERS)
@given(data=st.data())
def test_every_text_is_read_without_loss(format: str, data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(st.sampled_from(PIECES[format]), max_size=12)))
    tree = read(format, text)
    at = 0
    for token in tree.tokens():
        assert token.start == at < token.end
        assert "\n" not in text[token.start : token.end] or token.kind in ("newline", "continuation")
        at = token.end
    assert at == len(text)
    assert all(0 <= s.start <= s.end <= len(text) for s in tree.walk())


@given(st.lists(st.sampled_from(PIECES["xml"]), max_size=10), st.booleans())
def test_xml_is_well_formed_where_expat_says_so(pieces: list[str], wrapped: bool) -> None:
    text = "<zone>" + "".join(pieces) + "</zone>" if wrapped else "".join(pieces)
    try:
        expat.ParserCreate().Parse(text.encode("utf-8", "surrogateescape"), True)
        well_formed = True
    except expat.ExpatError:
        well_formed = False
    assert well_formed is not bool(read("xml", text).problems)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('<?xml version="1.0"?>\n<description>x</description>\n<port/>\n', 3, 2, "no second root element"),
        ("<zone>\n  <service\n</zone>\n", 2, 3, "expected > for this tag"),
        ('<zone>\n  <port port="80>\n</zone>\n', 2, 14, 'a closing " on this line'),
        ("<zone>\n  <rule>\n</zone>\n", 2, 4, "expected </rule>"),
        ("<zone>\n</zones>\n", 2, 3, "expected no </zones>"),
        ('<!DOCTYPE z [<!ENTITY a "b">]>\n<zone/>\n', 1, 1, "no document type"),
        ("<zone>&lol;</zone>\n", 1, 7, "one of &lt;"),
        ("<zone>a & b</zone>\n", 1, 9, "&amp;"),
        ('<port port="1" port="2"/>\n', 1, 16, "port only once"),
        ("text\n<zone/>\n", 1, 1, "no text outside"),
        ("\n", 1, 1, "expected an element"),
    ],
)
def test_xml_problem_is_where_it_is(text: str, line: int, column: int, message: str) -> None:
    tree = read("xml", text)
    places = {tree.source.position(p.start): p.message for p in tree.problems}
    assert message in places[line, column]


def test_xml_recovers() -> None:
    tree = read("xml", '<zone>\n  <rule>\n    <protocol value="vrrp"/>\n  <service name="http"/>\n</zone>\n')
    assert [s.keyword for s in tree.walk()] == ["zone", "rule", "protocol", "service"]
    assert len(tree.problems) == 1


def test_an_element_knows_its_attributes_and_text() -> None:
    element = root("<rule a='1 &amp; 2'>-p <![CDATA[<x>]]> &#45;j\nACCEPT</rule>")
    assert element.get("a") == "1 & 2"
    assert element.attributes["a"].raw == "1 &amp; 2"
    assert "".join(word.text for word in element.texts) == "-p <x> -jACCEPT"


def test_nftables_blocks_and_sets() -> None:
    tree = read(
        "nftables",
        "define p = { 80,\n 443 }\ntable inet f\n{\n set s { type ipv4_addr; elements = { 192.0.2.1,\n 192.0.2.2 } }\n"
        " chain in { ct state { established, related } accept; tcp dport vmap { 22 : accept }\n }\n}\n"
        "add rule ip a b drop\n",
    )
    assert not tree.problems
    assert [(s.keyword, s.body is not None) for s in tree.walk()] == [
        ("define", False), ("table", True), ("set", True), ("type", False), ("elements", False), ("chain", True),
        ("ct", False), ("tcp", False), ("add", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("table inet f {\n chain in {\n  accept\n }\n", 1, "expected } for this table"),
        (
            "table inet f {\n chain in {\n  tcp dport { 22, 80 accept\n chain out {\n }\n}\n",
            3,
            "expected } for this set",
        ),
        ('table inet f {\n chain in {\n  log prefix "x\n  accept\n }\n}\n', 3, 'a closing "'),
        ("}\n", 1, "expected no }"),
    ],
)
def test_nftables_problem_is_where_it_is(text: str, line: int, message: str) -> None:
    tree = read("nftables", text)
    assert any(tree.source.position(p.start)[0] == line and message in p.message for p in tree.problems)


def test_an_unclosed_nft_set_ends_at_the_next_chain() -> None:
    tree = read("nftables", "table inet f {\n chain a {\n  tcp dport { 22\n chain b {\n  drop\n }\n}\n}\n")
    assert [s.keyword for s in tree.walk()] == ["table", "chain", "tcp", "chain", "drop"]


def test_iptables_words_are_unquoted() -> None:
    tree = read("iptables", '# rules\n*filter\n:INPUT DROP [0:0]\n[1:2] -A INPUT --comment "a \\"b\\" # c"\nCOMMIT\n')
    assert not tree.problems
    (table,) = tree.statements
    assert [[w.text for w in s.words] for s in table.body or ()] == [
        [":INPUT", "DROP", "[0:0]"],
        ["[1:2]", "-A", "INPUT", "--comment", 'a "b" # c'],
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("*filter\n-A INPUT -j DROP\n", 1, "expected COMMIT"),
        ("-A INPUT -j DROP\nCOMMIT\n", 1, "expected *TABLE"),
        ('*filter\n-A INPUT --comment "x\nCOMMIT\n', 2, 'a closing "'),
    ],
)
def test_iptables_problem_is_where_it_is(text: str, line: int, message: str) -> None:
    tree = read("iptables", text)
    problem = min(tree.problems, key=lambda p: p.start)
    assert tree.source.position(problem.start)[0] == line
    assert message in problem.message


@pytest.mark.parametrize("format", READERS)
@pytest.mark.parametrize("piece", ["<a>", "</b>", "<a b='", "<!--", "<!DOCTYPE [<", "{", "table x {", '"', "\\", "'"])
def test_hostile_input_is_read(format: str, piece: str) -> None:
    deep = {"xml": "<a>", "nftables": "table x {", "iptables": "*filter\n"}[format]
    assert read(format, deep * 10_000 + piece * 10_000).problems


def installed() -> list[tuple[str, Path]]:
    """The files of Debian's packages firewalld and nftables, with their formats."""
    places = (("xml", "/usr/lib/firewalld", "*/*.xml"), ("nftables", "/usr/share/doc/nftables/examples", "*.nft"))
    found = [(form, path) for form, folder, names in places for path in sorted(Path(folder).glob(names))]
    return [*found, ("nftables", Path("/etc/nftables.conf"))]


@pytest.mark.daemons
def test_every_installed_file_is_read_without_loss() -> None:
    files = installed()
    assert len(files) > 200
    for form, path in files:
        source = Source.of_bytes(str(path), path.read_bytes(), format=form)
        tree = READERS[form](source)
        assert not tree.problems, (path, tree.problems)
        pieces = [source.text[token.start : token.end] for token in tree.tokens()]
        assert "".join(pieces).encode("utf-8", "surrogateescape") == path.read_bytes()
