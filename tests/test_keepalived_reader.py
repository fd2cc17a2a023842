"""How keepalived.conf is read: what the statements are, where a file is broken, and that nothing takes long."""

from __future__ import annotations

import pyparsing as pp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halint import registry
from halint.grammar import Branch
from halint.readers import keepalived
from halint.source import Source
from halint.tree import Statement, Token, Tree

Shape = list["str | tuple[str, Shape]"]


def read(text: str) -> Tree:
    return keepalived.read(Source("f", text, format="keepalived"))


def shape(statements: list[Statement]) -> Shape:
    """Statements as their words joined by `|`, a block as a pair."""
    return [
        "|".join(w.text for w in s.words) if s.body is None else ("|".join(w.text for w in s.words), shape(s.body))
        for s in statements
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b {\nc d\n}\n", [("a|b", ["c|d"])]),
        ("a b{\nc d\n}", [("a|b", ["c|d"])]),
        ("a b\n{\nc\n}\n", [("a|b", ["c"])]),
        ("a\n\n# x\n{\nc\n}\n", [("a", ["c"])]),
        ("a { b c }\nd\n", [("a", ["b|c"]), "d"]),
        ("a { b\nc }\n", [("a", ["b", "c"])]),
        ("a {\nb\n} c\n", [("a", ["b"]), "c"]),
        ("a { }", [("a", [])]),
        ("a {{#x\n", [("a", [])]),
        ("a 10!x\nb 1#y\n! c\n # d", ["a|10", "b|1"]),
        ('a "b # ! { c" d\n', ["a|b # ! { c|d"]),
        ('a ""\n', ["a|"]),
        ("a 'b c'\n", ["a|'b|c'"]),
        ("a\tb\x0bc\x0cd\r\n\te f\r\n", ["a|b|c|d", "e|f"]),
        ("a\x85b\xa0c d", ["a\x85b\xa0c|d"]),
        ("a ${b} $c{\nd\n}", [("a|${b}|$c", ["d"])]),
        ("a@b @c ~SEQ(x,1,2) ${x}\n", ["a@b|@c|~SEQ(x,1,2)|${x}"]),
        ("$A=b { \\\n c \\\n }\nd\n", ["$A=|b|{|c|}", "d"]),
        ("\n\n \t\n", []),
        ("", []),
    ],
)
def test_statements(text: str, expected: Shape) -> None:
    assert shape(read(text).statements) == expected


@pytest.mark.parametrize("text", ["a {\nb c\n}\n", "a\n{\nb { c }\n}", '# x\na "b"\\\n d ! e\r\n', "$A=\\\n b\n${A}\n"])
def test_words_stand_where_they_are_written(text: str) -> None:
    for statement in read(text).walk():
        assert [word.raw.strip('"') for word in statement.words] == [word.text for word in statement.words]
        assert text[statement.start] == statement.words[0].raw[0]
        if statement.body is not None:
            assert text[statement.body_start - 1] == "{"
            assert text[statement.body_end : statement.end] == "}"


@pytest.mark.parametrize(
    ("text", "problems", "expected"),
    [
        ("a {\nb\n", [(1, 1, "expected } for this a")], [("a", ["b"])]),
        ("a\n}\nb\n", [(2, 1, "expected no }: there is no open block")], ["a", "b"]),
        ("{\na\n}\n", [(1, 1, "expected a keyword before {"), (3, 1, "expected no }: there is no open block")], ["a"]),
        ('a "b c\nd\n', [(1, 3, 'expected a closing " on this line')], ["a|b c", "d"]),
        ("a \\", [(1, 3, "expected a character after \\")], ["a"]),
        (
            "vrrp_script a {\nscript b\nvrrp_instance c {\npriority 1\n}\n",
            [(1, 1, "expected } for this vrrp_script")],
            [("vrrp_script|a", ["script|b"]), ("vrrp_instance|c", ["priority|1"])],
        ),
        (
            "vrrp_instance a {\nvirtual_ipaddress {\nb\nvrrp_instance c {\n}\n",
            [(1, 1, "expected } for this vrrp_instance"), (2, 1, "expected } for this virtual_ipaddress")],
            [("vrrp_instance|a", [("virtual_ipaddress", ["b"])]), ("vrrp_instance|c", [])],
        ),
        (
            "vrrp_instance a {\nunicast_peer {\nb\ntrack_script {\nc\n}\npriority 1\n}\n",
            [(2, 1, "expected } for this unicast_peer")],
            [("vrrp_instance|a", [("unicast_peer", ["b"]), ("track_script", ["c"]), "priority|1"])],
        ),
    ],
)
def test_a_broken_file_is_read_on(text: str, problems: list[tuple[int, int, str]], expected: Shape) -> None:
    tree = read(text)
    assert [(*tree.source.position(p.start), p.message) for p in tree.problems] == problems
    assert shape(tree.statements) == expected


def test_a_problem_reaches_as_far_as_the_file_is_misread() -> None:
    missing, stray = read("a {\nb {\n}\n\n").problems + read("a {\n}\n}\n").problems
    assert (missing.reach, missing.closed) == (9, None)
    assert (stray.reach, stray.closed) == (7, 4)


@pytest.mark.parametrize(
    "text",
    [
        "a {\n" * 10_000 + "}\n" * 10_000,
        "a {" * 10_000,
        "}" * 10_000,
        "vrrp_instance a {\n" * 10_000,
        'a "' + "b" * 1_000_000,
        '"a\n' * 50_000,
        "a" * 1_000_000,
        "\\" * 100_001,
        "${" * 50_000,
        "!" * 300_000,
        "$a=" * 50_000,
    ],
    ids=lambda text: text[:6].encode("unicode_escape").decode(),
)
def test_hostile_files_are_read(text: str) -> None:
    assert sum(1 for _ in read(text).walk()) <= len(text)


def flat(tree: list[Token | Branch]) -> list[Token]:
    found: list[Token] = []
    stack = tree[::-1]
    while stack:
        child = stack.pop()
        if isinstance(child, Token):
            found.append(child)
        else:
            stack += reversed(child.children)
    return found


PIECES = [
    "vrrp_instance",
    "a",
    "10",
    "{",
    "}",
    '"b c"',
    '"',
    "#x",
    "!y",
    "\\",
    "\\#",
    "$A=",
    "${A}",
    "~SEQ(x,1,2)",
    "@lb1",
]
GAPS = ["", " ", "\n", "\r\n", "\t", " \\\n", "\r", "\x0b", "\x85"]
FILES = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(GAPS)), max_size=25).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


@settings(max_examples=200, deadline=None)
@given(FILES)
def test_tokens_are_those_of_the_grammar(text: str) -> None:
    tree = read(text)
    assert "".join(text[token.start : token.end] for token in tree.tokens()) == text
    try:
        parsed = registry.grammars()["keepalived"].parse(text)
    except pp.ParseBaseException:
        return
    assert flat(parsed) == [*tree.tokens()]


def blocks(tree: list[Token | Branch]) -> list[object]:
    """The nesting of the oracle's blocks."""
    return [blocks(c.children) for c in tree if isinstance(c, Branch) and c.kind == "block"]


def nesting(statements: list[Statement]) -> list[object]:
    return [nesting(s.body) for s in statements if s.body is not None]


@settings(max_examples=150, deadline=None)
@given(FILES)
def test_blocks_are_those_of_the_grammar(text: str) -> None:
    try:
        parsed = registry.grammars()["keepalived"].parse(text)
    except pp.ParseBaseException:
        return
    tree = read(text)
    assert tree.problems or nesting(tree.statements) == blocks(parsed)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_come_back(data: bytes) -> None:
    source = Source.of_bytes("f", data, format="keepalived")
    tree = keepalived.read(source)
    assert "".join(source.text[t.start : t.end] for t in tree.tokens()).encode("utf-8", "surrogateescape") == data


def placed(statements: list[Statement], offset: int = 0) -> list[object]:
    """Statements with all that is in them, words and places, counted from `offset`."""
    return [
        (
            [(word.text, word.start - offset, word.end - offset) for word in s.words],
            (s.start - offset, s.end - offset, s.closed),
            None if s.body is None else (s.body_start - offset, s.body_end - offset, placed(s.body, offset)),
        )
        for s in statements
    ]


@settings(max_examples=300, deadline=None)
@given(FILES, FILES)
def test_what_stands_there_again_is_read_as_the_first_time(inner: str, more: str) -> None:
    block = f"a {{\n{inner}\n}}\n"
    longer = f"a {{\n{inner}\n{more}\n}}\n"
    alone = read(block)
    if alone.problems or len(alone.statements) != 1 or read(longer).problems:
        return
    found = read(block + block + longer + block).statements
    expected = placed(alone.statements)
    assert placed(found[:1]) == placed(found[1:2], len(block)) == expected
    assert placed(found[2:-1], 2 * len(block)) == placed(read(longer).statements)
    assert placed(found[-1:], 2 * len(block) + len(longer)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {\nb c\n}\n", "\nb c\n"),
        ('a { # x\nb {\n "c d"\n}\n\t}\n', ' # x\nb {\n "c d"\n}\n\t'),
        ("a { b c }\n", None),
        ('a "b" {\nc\n}\n', None),
        ('a {\nb "c\n}\n', None),
        ("a {\nb {\n}}\n}\n", None),
        ("a {\n" + "b\n" * 1000 + "}\n", None),
    ],
)
def test_the_body_of_a_block_as_it_is_written(text: str, expected: str | None) -> None:
    for tree in read(text), read(text + text):
        assert tree.statements[-1 if not tree.problems else 0].plain_body == expected
