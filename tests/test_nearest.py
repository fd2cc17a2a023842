"""Which known word an unknown one was meant to be."""

from __future__ import annotations

import pytest

from halint.nearest import Nearest


@pytest.mark.parametrize(
    ("text", "known", "meant"),
    [
        ("scr", ["str", "src"], "src"),  # the same letters come before a like one
        ("sll", ["crt", "ssl"], "ssl"),
        ("506", ["504", "503"], None),  # a number is no misspelling of another
        ("METH_GTE", ["meth_get", "METH_POST"], "meth_get"),
        ("chek", ["check", "cheque"], "check"),
        ("verify", ["weight"], None),
        ("x" * 65, ["x" * 64], None),
    ],
)
def test_the_nearest_word(text: str, known: list[str], meant: str | None) -> None:
    assert Nearest()(text, known) == meant


def test_patience_ends() -> None:
    nearest = Nearest(patience=1)
    assert [nearest("chek", ["check"]) for _ in range(2)] == ["check", None]
