"""The values of keepalived.conf and haproxy.cfg: pyparsing and what is compiled from it agree, on acceptance, names
and spans; and the lines of keepalived.conf that are made of them."""

from __future__ import annotations

import re
import socket

import pyparsing as pp
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from value_oracle import by_pattern, by_pyparsing

from halint import registry
from halint.compiler import value
from halint.models.keepalived.language.arguments import explain
from halint.models.keepalived.language.signature import ANY, ATOMS, REST, Part, parse
from halint.patterns import keepalived_values
from halint.patterns.keepalived_table import BLOCKS

VALUES = registry.grammars()["keepalived_values"].values
EVERY = [
    (grammar, name)
    for grammar in ("haproxy_expressions", "haproxy_values", "keepalived_values")
    for name in registry.grammars()[grammar].values
]

#: What the values are made of, so that random text is often almost one.
PIECES = [
    *"0123456789abfFxX.:-/+ ,",
    "192.0.2.1", "255.255.255.255", "256", "2001:db8::", "::", "::ffff:10.0.0.1", "fe80::1%eth0", "/24", "/129",
    "default", "default6", "true", "no", "ms", "sec", "100-199", "a.b", "..", "lock", "0x1f",
    *"()[]{}%@*$\\'\"\t", "ipv6@", "unix@", "quic4@", "abns@", "[::1]:80", ":80-90", ":+1",
    "30s", "1m", "10k", "hdr(host)",
    "lower,", "%[", "%{+Q}", "%ci", "1:10", "lt 5",
]  # fmt: skip
text = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=12)


@pytest.mark.parametrize(("grammar", "name"), EVERY)
@settings(max_examples=150, deadline=None)
@given(text=text)
def test_pyparsing_and_the_pattern_agree(grammar: str, name: str, text: str) -> None:
    expr = registry.grammars()[grammar].values[name]
    assert by_pyparsing(expr, text) == by_pattern(expr, text)


def inet(family: int, text: str) -> bool:
    try:
        socket.inet_pton(family, text)
    except (OSError, ValueError, UnicodeError):
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(
    text=st.lists(st.sampled_from([*"0123456789abcdef.:", "::", "255", "10.0.0.1", "ffff"]), max_size=14).map("".join)
)
@example("1:2:3:4:5:6:7::")
@example("1:2:3:4:5:6:7:8::")
@example("::1:2:3:4:5:6:7")
@example("01.2.3.4")
def test_an_address_is_what_the_c_library_takes_for_one(text: str) -> None:
    found = re.fullmatch(keepalived_values.IPADDRESS, text)
    assert (found is not None and found["v4"] is not None) == inet(socket.AF_INET, text)
    assert (found is not None and found["v6"] is not None) == inet(socket.AF_INET6, text)


SIGNATURES = sorted({part for rows in BLOCKS.values() for row in rows.values() for part in row[2:4] if part})


def as_grammar(part: Part) -> pp.ParserElement:
    """What `part` takes, as pyparsing would read it: the oracle of the words' own reader."""
    word_end = pp.Regex(r"(?!\S)").leave_whitespace()
    match part.kind:
        case "sequence":
            return pp.And([as_grammar(inner) for inner in part.parts])
        case "choice":
            return pp.MatchFirst([as_grammar(inner) for inner in part.parts])
        case "optional":
            return as_grammar(part.parts[0]) | pp.Regex(r"\s*\Z").leave_whitespace()
        case "options":
            return pp.ZeroOrMore(pp.MatchFirst([as_grammar(inner) for inner in part.parts])) + pp.Regex(r"\s*\Z")
        case "repeat":
            return pp.OneOrMore(as_grammar(part.parts[0])) + pp.Regex(r"\s*\Z")
        case "end":
            return pp.Regex(r"\s*\Z").leave_whitespace()
        case "word":
            return pp.Regex(re.escape(part.text), flags=re.I if part.nocase else 0) + word_end
    if part.text == REST:
        return pp.Regex(r"\S[^\0]*")
    if part.text in ANY:
        return pp.Regex(r"\S+")
    pattern = pp.Regex(value(VALUES[part.text.lower()])) + word_end

    def in_range(found: pp.ParseResults) -> bool:
        if part.text == "STATUS":
            low, _, high = found[0].partition("-")
            return not high or int(low) <= int(high)
        return part.low is None or part.high is None or part.low <= float(found[0] or 0) <= part.high

    return pattern.add_condition(in_range)


def words_of(part: Part) -> list[str]:
    """Words that are likely to be taken somewhere in `part`."""
    if part.kind == "word":
        return [part.text]
    if part.kind == "atom":
        bounds = [part.low, part.high] if part.low is not None and part.high is not None else []
        return [str(bound) for bound in bounds if isinstance(bound, int)] + [
            "192.0.2.1",
            "eth0",
            "7",
            "100",
            "on",
            "x/1",
        ]
    return [word for inner in part.parts for word in words_of(inner)]


@pytest.mark.parametrize("signature", SIGNATURES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_line_is_taken_as_pyparsing_would_take_it(signature: str, data: st.DataObject) -> None:
    part = parse(signature)
    some = st.sampled_from([*words_of(part), "{", "1e5", "-1", "2001:db8::1/64", "nonsense"])
    words = data.draw(st.lists(some, max_size=5))
    try:
        as_grammar(part).parse_string(" ".join(words))
        taken = True
    except pp.ParseBaseException:
        taken = False
    assert (explain(signature, tuple(words)) is None) == taken


def test_every_atom_has_a_pattern() -> None:
    assert {name.lower() for name in ATOMS} == set(VALUES)


@pytest.mark.parametrize(
    ("signature", "words", "kind", "index"),
    [
        ("NUMBER(1..255)", ["51"], None, 0),
        ("NUMBER(1..255)", ["51", "more"], None, 0),
        ("NUMBER(1..255)", [" +51"], None, 0),
        ("NUMBER(1..255)", [], "missing", 0),
        ("NUMBER(1..255)", ["256"], "range", 0),
        ("NUMBER(1..255)", ["9" * 400], "range", 0),
        ("NUMBER(-1..255)", ["-2"], "range", 0),
        ("NUMBER(1..255)", ["51x"], "invalid", 0),
        ("SECONDS(0.01..255)", ["0.009"], "range", 0),
        ("SECONDS(0.01..255)", [".5"], None, 0),
        ("SECONDS(0.01..255)", ["0.1234567"], "invalid", 0),
        ("[BOOL]", [], None, 0),
        ("[BOOL]", ["maybe"], "invalid", 0),
        ("MASTER|BACKUP", ["master"], "invalid", 0),
        ("nocase:TCP|nocase:UDP", ["tcp"], None, 0),
        ("NAME EOL", ["a", "b"], "extra", 1),
        ("NAME [weight NUMBER(-253..253) [reverse]]", ["a"], None, 0),
        ("NAME [weight NUMBER(-253..253) [reverse]]", ["a", "weight"], "missing", 2),
        ("NAME [weight NUMBER(-253..253) [reverse]]", ["a", "wieght", "5"], "invalid", 1),
        ("NAME [weight NUMBER(-253..253) [reverse]]", ["a", "weight", "5", "back"], "invalid", 3),
        ("IP {dev IFNAME|label WORD}", ["192.0.2.1", "label", "dev"], None, 0),
        ("IP {dev IFNAME|label WORD}", ["192.0.2.1", "lable", "x"], "unknown", 1),
        ("IP {dev IFNAME|label WORD}", ["192.0.2.1", "dev"], "missing", 2),
        ("{STATUS}", ["200", "300-299"], "invalid", 1),
        ("WORD...", [], "missing", 0),
        ("SCRIPT", ["a", "b", "c"], None, 0),
    ],
)
def test_what_a_line_does_not_take(signature: str, words: list[str], kind: str | None, index: int) -> None:
    fault = explain(signature, tuple(words))
    assert (fault.kind, fault.index) == (kind, index) if fault else kind is None
