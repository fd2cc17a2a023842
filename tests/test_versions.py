"""When a keyword was known: what is between two versions that were looked at is unknown."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from halint.versions import ALWAYS, Lifetime, Version, known, parse, show

#: Came after 2.0.10, by 2.2.7.
CAME: Lifetime = ((2, 0, 10), (2, 2, 7), None, None)

#: Known up to the 2.4 series, gone in 2.6.
WENT: Lifetime = (None, None, (2, 4), (2, 6))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.4.22", (2, 4, 22)),
        ("2", (2,)),
        ("3.5-dev5", (3, 5)),
        ("3.5-rc1", None),
        ("2.", None),
        ("", None),
        ("99999", None),
        ("2.4\n", None),
    ],
)
def test_a_version_as_it_is_written(text: str, version: Version | None) -> None:
    assert parse(text) == version


def test_a_version_is_shown_as_it_is_written() -> None:
    assert show((2, 4, 22)) == "2.4.22"


@pytest.mark.parametrize(
    ("lifetime", "version", "expected"),
    [
        (ALWAYS, (1,), True),
        (ALWAYS, None, True),
        (CAME, (1, 3, 5), False),
        (CAME, (2, 0, 10), False),
        (CAME, (2, 0, 10, 1), False),
        (CAME, (2, 1, 5), None),
        (CAME, (2, 2, 7), True),
        (CAME, (2, 2, 8), True),
        (CAME, (3,), True),
        (CAME, None, True),
        (CAME, (2, 2), None),
        (CAME, (2, 0), None),
        (CAME, (1, 3), False),
        (WENT, (1, 8), True),
        (WENT, (2, 4), True),
        (WENT, (2, 4, 22), True),
        (WENT, (2, 5, 1), None),
        (WENT, (2, 6), False),
        (WENT, (2, 6, 12), False),
        (WENT, (2,), None),
        (WENT, None, False),
        (((1, 8), (2, 0), (2, 2), (2, 4)), (1, 8, 27), False),
        (((1, 8), (2, 0), (2, 2), (2, 4)), (2, 2, 9), True),
        (((1, 8), (2, 0), (2, 2), (2, 4)), (2, 4), False),
    ],
)
def test_whether_a_keyword_is_known(lifetime: Lifetime, version: Version | None, expected: bool | None) -> None:
    assert known(lifetime, version) is expected


versions = st.lists(st.integers(0, 9), min_size=1, max_size=4).map(tuple)


@given(bounds=st.lists(versions, min_size=4, max_size=4).map(sorted), version=versions, patch=st.integers(0, 9))
def test_what_is_said_of_a_series_holds_for_each_of_its_releases(
    bounds: list[Version], version: Version, patch: int
) -> None:
    after, by, last, gone = bounds
    # Of one series a fact cannot say both that all of it lacks a keyword and that some of it has it.
    assume(by[: len(after)] != after and gone[: len(last)] != last)
    said = known((after, by, last, gone), version)
    if said is not None:
        assert known((after, by, last, gone), (*version, patch)) is said
