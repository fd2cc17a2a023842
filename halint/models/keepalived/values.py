"""Numbers as keepalived reads them.

Source: keepalived v2.2.7 lib/parser.c (read_int_base, read_decimal_unsigned): decimal digits with a sign, no
exponent, no unit; measured.
"""

from __future__ import annotations


def integer(text: str) -> int | None:
    """The number in `text`, or None where it is none, or larger than any that keepalived takes."""
    sign, digits = (text[:1], text[1:]) if text[:1] in "+-" else ("", text)
    return int(sign + digits) if digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) < 11 else None


def decimal(text: str) -> float | None:
    """The number in `text`, which may have decimals but no minus sign, or None where it is none."""
    text = text.removeprefix("+")
    whole, _, part = text.partition(".")
    digits = whole + part
    return float(text) if digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) < 20 else None
