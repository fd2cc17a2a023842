"""haproxy.cfg as tree: words as haproxy splits them, sections, errors, and every byte kept."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halint.readers import haproxy
from halint.readers.haproxy import VariableWord
from halint.source import Source
from halint.tree import Statement, Tree

#: A word as it is written, and as haproxy 2.6.12 prints it with `.notice` (test_words_are_those_of_haproxy).
WORDS = {
    "a": "a",
    'a"b c"d': "ab cd",
    "'a\"b'": 'a"b',
    '"it\'s"': "it's",
    r"a\ b": "a b",
    r"a\#b": "a#b",
    r"\"x\'": "\"x'",
    r"a\\b": r"a\b",
    r"\d+\.x": r"\d+\.x",
    r"a\tb": "a\tb",
    r"\x41\x2f": "A/",
    r"'a\tb\x41'": r"a\tb\x41",
    r'"\$HOME"': "$HOME",
    r"\$HOME": r"\$HOME",
    "$HOME": "$HOME",
    "'$HOME'": "$HOME",
    r'"a\ b\#"': "a b#",
    "a#b": "a",
    "é": "é",
    r"%[src]{+Q}|x\%": r"%[src]{+Q}|x\%",
}


def read(text: str) -> Tree:
    return haproxy.read(Source("haproxy.cfg", text, format="haproxy"))


def words(line: str) -> list[str]:
    return [word.text for word in first(line).words]


def first(line: str) -> Statement:
    body = read(f"global\n{line}\n").statements[0].body
    assert body
    return body[0]


def messages(text: str) -> list[str]:
    tree = read(text)
    return [f"{tree.source.position(p.start)[0]}: {p.message}" for p in tree.problems]


@pytest.mark.parametrize(("written", "meant"), WORDS.items())
def test_words(written: str, meant: str) -> None:
    statement = first(f"\tlog-tag {written} ")
    assert [word.text for word in statement.words] == ["log-tag", meant]
    assert statement.words[1].raw == written.partition("#b")[0] if written == "a#b" else written


@pytest.mark.daemons
def test_words_are_those_of_haproxy(tmp_path: Path) -> None:
    config = tmp_path / "haproxy.cfg"
    config.write_text("".join(f".notice {written}\n" for written in WORDS), encoding="utf-8")
    printed = subprocess.run(["haproxy", "-c", "-f", config], capture_output=True, check=False).stderr.decode()
    said = re.findall(r"\[NOTICE\] .*? : config : parsing \[[^]]*\]: '(.*)'\.", printed)
    assert said == list(WORDS.values())


@pytest.mark.parametrize(
    "written", ['"${VIP}:80"', '"$VIP"', '"${A-b c}"', '"${ARGS[*]}"', "x\"${.FILE}\"'y'", '"${A-"x}"']
)
def test_variables_keep_a_word_unknown(written: str) -> None:
    word = first(f"bind {written}").words[1]
    assert isinstance(word, VariableWord)
    assert word.raw == written


def test_lines_that_haproxy_takes() -> None:
    assert words('a "" b') == ["a", "", "b"]
    assert words("a\tb\v\fc   # d 'e") == ["a", "b", "c"]
    assert words("a \rb") == ["a", "b"]
    assert words("a\rb c") == ["a"], "a carriage return ends a line, except behind a blank"


def test_sections() -> None:
    tree = read("# c\nglobal\n  daemon\n\n frontend a b\nbind :80\r\n  default_backend x\nbackend x")
    assert [[w.text for w in s.words] for s in tree.statements] == [
        ["global"],
        ["frontend", "a", "b"],
        ["backend", "x"],
    ]
    body = tree.statements[1].body
    assert body is not None
    assert [s.keyword for s in body] == ["bind", "default_backend"]
    assert body[0].parent is tree.statements[1]
    assert not tree.problems


def test_statements_before_any_section_are_kept() -> None:
    tree = read("maxconn 5\ndaemon\nglobal\n")
    assert [(s.keyword, len(s.body or ())) for s in tree.statements] == [("", 2), ("global", 0)]
    assert messages("maxconn 5\ndaemon\nglobal\n") == [
        "1: expected a section first: global, defaults, frontend, backend, listen"
    ]


def test_a_byte_order_mark_is_a_token_of_its_own() -> None:
    tree = read("\ufeffglobal\n daemon\n")
    assert [t.kind for t in tree.tokens()][:2] == ["bom", "word"]
    assert tree.statements[0].keyword == "global"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('log-tag "a', 'expected a closing " on this line'),
        ("log-tag 'a", "expected a closing ' on this line"),
        ('log-tag "a$1"', "expected the name of a variable behind $, and } behind ${NAME"),
        ('log-tag "${A"', "expected the name of a variable behind $, and } behind ${NAME"),
        ('log-tag "${A[1]}"', "expected the name of a variable behind $, and } behind ${NAME"),
        (r"log-tag a\xzz", r"expected two hexadecimal digits after \x"),
        (r'log-tag "a\xzz"', r"expected two hexadecimal digits after \x"),
        ("bind :80 \\", "expected no \\ at the end: haproxy joins no lines"),
        ("log-tag a\0b", "expected no NUL character"),
        (".else", "expected .if before this .else"),
        (".if 1", "expected .endif for this .if"),
        (".foo", "expected .if, .elif, .else, .endif, .diag, .notice, .warning or .alert"),
    ],
)
def test_errors_are_found_where_they_are(line: str, message: str) -> None:
    text = f"global\n {line}\n daemon\n"
    assert messages(text) == [f"2: {message}"]
    body = read(text).statements[0].body
    assert body is not None
    assert body[-1].keyword == "daemon", "what follows is still read"


def test_a_backslash_at_the_end_of_a_word_is_part_of_it() -> None:
    text = "global\n log-tag Host:\\\n"
    assert messages(text) == [], "haproxy 2.6.12 accepts it"
    assert words("log-tag Host:\\") == ["log-tag", "Host:\\"]
    assert "error" in [t.kind for t in read(text).tokens()]


def test_conditions() -> None:
    assert messages(".if 1\n.elif 0\n.else\nglobal\n.endif\n") == []
    assert messages("global\n.if 1\n.else\n.elif 1\n.endif\n") == ["4: expected .endif: .else was there already"]


@given(st.text(alphabet="ab \t\r\n\"'\\#$x4{}[*].-\ufeff\0é\udc80", max_size=60))
def test_every_character_belongs_to_one_token(text: str) -> None:
    tree = read(text)
    at = 0
    for token in tree.tokens():
        assert token.start == at < token.end
        assert token.kind == "newline" or "\n" not in text[token.start : token.end]
        at = token.end
    assert at == len(text)
    for statement in tree.walk():
        for word in statement.words:
            assert statement.start <= word.start <= word.end <= max(statement.end, word.end) <= len(text)


@given(st.text(alphabet="ab \t\"'\\#$x4{}[*].-", max_size=40))
def test_lazy_words_are_the_words_of_the_lexer(line: str) -> None:
    tree = read("global\n" + line + "\n")
    body = tree.statements[0].body or []
    lexed = [t for t in tree.tokens() if t.kind == "word" and t.start > 6]
    if not tree.problems and not any(t.kind == "error" for t in tree.tokens()):
        assert [(w.start, w.end) for s in body for w in s.words] == [(t.start, t.end) for t in lexed]
