"""Accepted files with one thing wrong, or at least other: what a slip of the hand does."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from inputs import Input

_SECTIONS = {
    "haproxy": ("global", "defaults", "frontend x", "backend x", "listen x", "peers x", "resolvers x", "userlist x"),
    "keepalived": ("global_defs {", "vrrp_instance X {", "vrrp_script x {", "vrrp_sync_group X {",
                   "virtual_server 192.0.2.1 80 {", "authentication {"),
}  # fmt: skip
_HEADER = {
    "haproxy": re.compile(r"^(?:global|defaults|frontend|backend|listen|peers|resolvers|userlist)\b"),
    "keepalived": re.compile(r"^[ \t]*[a-z_]+[^{}]*\{[ \t\r]*$"),
}
_NUMBERS = ("0", "-1", "1", "255", "256", "65536", "1.5", "99999999999", "x")


def sample(accepted: list[Input], count: int, randomly: int | None = None) -> list[Input]:
    """`count` mutations of the files `accepted`, at most: the same each time, or by the seed `randomly`."""
    found: dict[bytes, Input] = {}
    accepted = [one for one in accepted if _places(one)]

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=randomly is None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_mutation(accepted))
    def collect(one: Input) -> None:
        found[one.data] = one

    (collect if randomly is None else seed(randomly)(collect))()
    return list(found.values())


@st.composite
def _mutation(draw: st.DrawFn, accepted: list[Input]) -> Input:
    one = accepted[draw(st.integers(0, len(accepted) - 1))]
    how = draw(st.sampled_from(_WAYS))
    lines = one.data.decode("utf-8", "surrogateescape").split("\n")
    number = draw(st.sampled_from(_places(one)))
    changed = how(draw, lines[number], one.kind)
    lines[number] = changed
    data = "\n".join(lines).encode("utf-8", "surrogateescape")
    name = f"{one.name}:{number + 1} {how.__name__.strip('_')}: {changed.strip()[:100]!r}"
    return one._replace(name=name, part="mutations", data=data)


def _places(one: Input) -> list[int]:
    """The numbers, from 0, of the lines that say something."""
    lines = one.data.decode("utf-8", "surrogateescape").split("\n")
    comments = "#" if one.kind == "haproxy" else "#!"
    return [number for number, line in enumerate(lines) if line.strip() and line.strip()[0] not in comments]


def _drop_a_word(draw: st.DrawFn, line: str, _: str) -> str:
    words = list(re.finditer(r"[ \t]*[^ \t\r]+", line))
    gone = draw(st.sampled_from(words))
    return line[: gone.start()] + line[gone.end() :]


def _swap_the_section(draw: st.DrawFn, line: str, kind: str) -> str:
    if not _HEADER[kind].match(line):
        return _duplicate(draw, line, kind)
    return draw(st.sampled_from(_SECTIONS[kind]))


def _misspell(draw: st.DrawFn, line: str, _: str) -> str:
    word = draw(st.sampled_from(list(re.finditer(r"[^ \t\r]+", line))))
    at = draw(st.integers(word.start(), word.end() - 1))
    way = draw(st.integers(0, 2))
    if way == 0:
        return line[:at] + line[at + 1 :]
    if way == 1:
        return line[:at] + line[at] + line[at:]
    return line[:at] + line[at + 1 : at + 2] + line[at] + line[at + 2 :]


def _duplicate(draw: st.DrawFn, line: str, _: str) -> str:
    return line + "\n" + line


def _change_a_number(draw: st.DrawFn, line: str, kind: str) -> str:
    numbers = list(re.finditer(r"(?<![\w.])[0-9]+", line))
    if not numbers:
        return _misspell(draw, line, kind)
    number = draw(st.sampled_from(numbers))
    return line[: number.start()] + draw(st.sampled_from(_NUMBERS)) + line[number.end() :]


_WAYS: tuple[Callable[[st.DrawFn, str, str], str], ...] = (
    _drop_a_word,
    _swap_the_section,
    _misspell,
    _duplicate,
    _change_a_number,
)
