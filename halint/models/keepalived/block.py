"""The lines of a block as settings, by the rules that hold for every block of keepalived.conf.

Source: keepalived v2.2.7 lib/parser.c, keepalived/vrrp/vrrp_parser.c; measured.
"""

from __future__ import annotations

from halint.models.keepalived.values import decimal, integer
from halint.models.setting import Setting
from halint.tree import Statement, Word


def head_of(block: Statement) -> Word:
    """Its name, or its keyword without one."""
    return block.words[1] if len(block.words) > 1 else block.words[0]


def last_line(block: Statement, *keywords: str) -> Statement | None:
    """keepalived lets the last one win."""
    found = None
    for statement in block.statements(*keywords):
        found = statement
    return found


def lines_of(block: Statement, keyword: str) -> list[Statement]:
    """The lines of every block `keyword`; keepalived adds the blocks up."""
    return [line for inner in block.statements(keyword) for line in inner.body or ()]


def text_setting(block: Statement, keyword: str) -> Setting[str | None]:
    """The first argument of the line `keyword`."""
    found = last_line(block, keyword)
    word = found.argument() if found else None
    return Setting(word.text if word else None, head_of(block), word, found)


def number_setting(block: Statement, keyword: str, default: int, low: int, high: int) -> Setting[int]:
    """The number on the line `keyword`; `default` where it is none, or not from `low` to `high`."""
    found = last_line(block, keyword)
    word = found.argument() if found else None
    number = integer(word.text) if word else None
    return Setting(number if number is not None and low <= number <= high else default, head_of(block), word, found)


def between(low: int, number: int, high: int) -> int:
    """`number`, cut to what lies between the others."""
    return max(low, min(number, high))


def seconds_setting(block: Statement, keyword: str, default: float) -> Setting[float]:
    """The time on the line `keyword`, in seconds; `default` where it is none."""
    found = last_line(block, keyword)
    word = found.argument() if found else None
    number = decimal(word.text) if word else None
    return Setting(default if number is None or number <= 0 else number, head_of(block), word, found)


def is_number(text: str) -> bool:
    """Whether keepalived reads `text` as a number."""
    return integer(text) is not None or decimal(text) is not None
