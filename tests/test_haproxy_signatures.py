"""The notation of signatures, and how they are run."""

from __future__ import annotations

import pytest

from halint import signatures
from halint.models.haproxy.language.scope import Scope
from halint.models.haproxy.language.signature import Signature
from halint.readers import haproxy as reader
from halint.source import Source
from halint.versions import Version


def complaints(written: str | list[str], line: str, version: Version | None = (2, 8, 25)) -> list[str]:
    """What is said of `line` where its first word takes `written`."""
    statement = reader.read(Source("f", f"backend b\n {line}\n", format="haproxy")).statements[0].body
    assert statement
    scope = Scope("backend", False, version, "http")
    scope.statement = statement[0]
    words = statement[0].words
    Signature(signatures.parse(written), words[0].text, version).check(words, 1, scope)
    return [f"{complaint.kind} {complaint.word.text!r}" for complaint in scope.complaints]


@pytest.mark.parametrize(
    ("written", "line", "expected"),
    [
        ("", "k", []),
        ("", "k x", ["unexpected-argument 'x'"]),
        ("TIME", "k 30s", []),
        ("TIME", "k", ["missing-argument 'k'"]),
        ("TIME", "k soon", ["invalid-argument 'soon'"]),
        ("TIME", "k 30s x", ["unexpected-argument 'x'"]),
        ("TIME ANY...", "k 30s x y", []),
        ("TIME", "k 25d", ["argument-out-of-range '25d'"]),
        ("TIME(1..)", "k 0", ["argument-out-of-range '0'"]),
        ("SECONDS", "k 25d", []),
        ("INTEGER(1..5)", "k 6", ["argument-out-of-range '6'"]),
        ("INTEGER(1..5)", "k 5x", ["invalid-argument '5x'"]),
        *[("COUNTS", f"k {taken}", []) for taken in ("5", "0-9", "0-0", "0-x", "01-2")],
        *[("COUNTS", f"k {bad}", [f"invalid-argument '{bad}'"]) for bad in ("0", "3-1", "a", "2-")],
        ("INTEGER~ WORD", "k x y", ["invalid-argument 'x'"]),
        ("INTEGER~~", "k", ["missing-argument 'k'"]),
        ("on|off", "k on", []),
        ("on|off", "k", ["missing-argument 'k'"]),
        ("on|off", "k oof", ["invalid-argument 'oof'"]),
        ("[on|off]", "k", []),
        ("[on|off]", "k oof", ["unexpected-argument 'oof'"]),
        ("a WORD|b TIME|WORD", "k a x", []),
        ("a WORD|b TIME|WORD", "k b x", ["invalid-argument 'x'"]),
        ("a WORD|b TIME|WORD", "k c", []),
        ("{a|b WORD}", "k a b x a", []),
        ("{a|b WORD}", "k b", ["missing-argument 'b'"]),
        ("{a!one|b!one|c}", "k c", ["missing-argument 'c'"]),
        ("{a!one|b!one|c}", "k a b", []),
        ("{a=one|b=one|c}", "k a c b", ["invalid-argument 'b'"]),
        ("WORD...", "k x y z", []),
        ("WORD...", "k", ["missing-argument 'k'"]),
        ("TIME...", "k 1s 2s x", ["invalid-argument 'x'"]),
        ("LIST(a|b)", "k a,b,c", ["invalid-argument 'a,b,c'"]),
        ("CASELESS(L7OK)", "k l7ok", []),
        ("'GET' 'UPPER'", "k GET UPPER", []),
        ("WORD {<server>}", "k s check inter 2s", []),
        ("WORD {<server>}", "k s check intre 2s", ["unknown-bind-or-server-option 'intre'"]),
        ("WORD {<server>}", "k s check inter", ["missing-argument 'inter'"]),
        ("WORD [CONDITION]", "k x if TRUE", []),
        ("WORD [CONDITION]", "k x when TRUE", ["invalid-condition 'when'"]),
    ],
)  # fmt: skip
def test_each_word_has_its_place(written: str, line: str, expected: list[str]) -> None:
    assert complaints(written, line) == expected


def test_a_signature_that_changed_is_that_of_the_version() -> None:
    written = ["..2.6 ", "2.8.. INTEGER"]
    assert complaints(written, "k 1", (2, 6, 12)) == ["unexpected-argument '1'"]
    assert complaints(written, "k 1", (2, 8, 25)) == []
    assert complaints(written, "k x", None) == ["invalid-argument 'x'"]
    assert complaints(written, "k x y z", (2, 7)) == [], "nobody asked 2.7"


def test_a_word_is_taken_while_it_is_known() -> None:
    assert complaints("a|b@2.8", "k b", (2, 8, 25)) == []
    assert complaints("a|b@2.8", "k b", (2, 6, 12)) == ["invalid-argument 'b'"]
    assert complaints("a|b@-3.0", "k b", (2, 8, 25)) == []
    assert complaints("a|b@-3.0", "k b", (3, 0)) == ["invalid-argument 'b'"]


@pytest.mark.parametrize(
    "line", ['k "${X}"', 'k "${X}" y', 'k 30s "$X"', 'k "a${X}b" soon', 'k "${X[*]}"'], ids=lambda line: line
)
def test_what_the_environment_decides_is_left_alone(line: str) -> None:
    assert complaints("TIME", line) == []
    assert complaints("(a WORD|b)", line.replace("30s", "b")) == []


def test_an_empty_word_is_the_end() -> None:
    assert complaints("WORD WORD", 'k a "" b') == ["missing-argument 'a'"]
    assert complaints("WORD", 'k a "" b') == []
    assert complaints("WORD {<server>}", 'k a "" chek') == []


def test_options_that_came_later_are_said_to() -> None:
    assert complaints("{<server>}", "k init-state up", (2, 8, 25)) == ["haproxy-keyword-too-new 'init-state'"]


@pytest.mark.parametrize("written", ["(a", "<x", "TIME WORD)", "2.8 TIME", "a@x.y"])
def test_a_slip_in_the_notation_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        signatures.parse([written] if written.startswith("2.8") else written)


@pytest.mark.parametrize(
    "line", ["user u insecure-password my pass", "user u password $5$a b", "user u groups g password a b"]
)
def test_what_follows_a_secret_is_not_shown(line: str) -> None:
    statement = reader.read(Source("f", f"userlist l\n {line}\n", format="haproxy")).statements[0].body
    assert statement
    scope = Scope("userlist", False, (2, 8, 25), None)
    scope.statement = statement[0]
    written = "WORD {password WORD|insecure-password WORD|groups WORD}"
    Signature(signatures.parse(written), "user", scope.version).check(statement[0].words, 1, scope)
    (complaint,) = scope.complaints
    assert statement[0].words[-1].text not in complaint.effect.split("'")


def test_braces_in_words_are_words() -> None:
    assert complaints("WORD CASE_VARIANT", "k {x} {y}") == ["invalid-argument '{y}'"]
