"""The oracle of the compiled values itself: it must see what it is there to see."""

from __future__ import annotations

import pyparsing as pp
from value_oracle import by_pattern, by_pyparsing

from halint.grammar import terminal

NUMBER = pp.Regex("[0-9]+")("number")
PAIR = (
    pp.Keyword("weight") + (NUMBER | pp.Combine("x" + pp.Regex("[a-z]*"))("letters")) + pp.Opt(pp.Literal("!")("end"))
)


def test_both_readings_say_how_far_and_where() -> None:
    expected = (12, {"number": (9, 11), "end": (11, 12)})
    assert by_pyparsing(PAIR, "weight \t 12! rest") == by_pattern(PAIR, "weight \t 12! rest") == expected


def test_a_part_of_several_pieces_is_one_span() -> None:
    assert by_pyparsing(PAIR, "weight xyz") == by_pattern(PAIR, "weight xyz") == (10, {"letters": (7, 10)})


def test_both_readings_refuse() -> None:
    assert by_pyparsing(PAIR, "weights 1") is by_pattern(PAIR, "weights 1") is None


def test_terminals_that_make_tokens_are_located_too() -> None:
    word = terminal("word", "[a-z]+")("name") + terminal("blank", "[ ]+")
    assert by_pyparsing(word, "ab  c") == by_pattern(word, "ab  c") == (4, {"name": (0, 2)})
