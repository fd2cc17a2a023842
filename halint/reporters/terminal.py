"""What a terminal shows of a text: nothing in a file or a message can move the cursor or hide what follows."""

from __future__ import annotations

TAB = 4
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """`text` on one line, with what does not print replaced."""
    if text.isprintable():
        return text
    return "".join(_glyph(character) for character in text)


def lines(text: str) -> str:
    """The lines of `text`, with what does not print replaced, tabs excepted."""
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def cell(character: str, column: int) -> tuple[str, int]:
    """What is shown for a character that stands in `column` (from 0), and how many columns that takes."""
    if character == "\t":
        width = TAB - column % TAB
        return " " * width, width
    if character.isascii():
        return (character if character.isprintable() else _glyph(character)), 1
    from unicodedata import category, combining, east_asian_width

    if combining(character):
        return character, 0
    if category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return _REPLACEMENT, 1
    return character, 2 if east_asian_width(character) in ("W", "F") else 1


def _glyph(character: str) -> str:
    if character.isprintable():
        return character
    if character in "\t\n\r":
        return " "
    return chr(0x2400 + ord(character)) if character < " " else _REPLACEMENT
