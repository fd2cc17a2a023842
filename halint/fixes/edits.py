"""The edits that fixes are made of. They touch what they mean to and keep the file's line ending and indent."""

from __future__ import annotations

from halint.finding import Applicability, Edit, Fix
from halint.source import Source
from halint.tree import Statement, Word


def replace(word: Word, text: str) -> Edit:
    return Edit(word.source, word.start, word.end, text)


def writing(
    word: Word, text: str | None, applicability: Applicability = Applicability.UNSAFE, *, name: str | None = None
) -> Fix | None:
    """Write `text`, which was probably meant, in the place of `word`; None where nothing is known to be meant.

    name: what stands there; where quotes or escapes hide it in the word, there is no fix.
    """
    if text is None or (name is not None and word.raw != name):
        return None
    return Fix(f"write {text}", [replace(word, text)], applicability)


def remove(statement: Statement) -> Edit:
    """Take `statement` away, with its line where it stands alone on it."""
    source = statement.source
    start, end = source.line_start(statement.start), source.line_end(statement.end)
    alone = not source.text[start : statement.start].strip(" \t")
    rest = source.text[statement.end : end].strip(" \t\r\n")
    if alone and (not rest or rest[0] in "#!"):
        return Edit(source, start, end, "")
    return Edit(source, statement.start, statement.end, "")


def before(statement: Statement, *lines: str) -> Edit:
    """Put `lines` before the line of `statement`, indented as it is."""
    source = statement.source
    at = source.line_start(statement.start)
    text = "".join(_indent(source, at) + line + newline(source) for line in lines)
    return Edit(source, at, at, text)


def after(statement: Statement, *lines: str) -> Edit:
    """Put `lines` behind the line of `statement`, indented as it is."""
    source = statement.source
    at = source.line_end(statement.end)
    indent, end = _indent(source, source.line_start(statement.start)), newline(source)
    text = "".join(indent + line + end for line in lines)
    return Edit(source, at, at, text if source.text[:at].endswith("\n") or not at else end + text.removesuffix(end))


def into(block: Statement, *lines: str) -> Edit:
    """Put `lines` behind the last statement of a braced block, or as its first."""
    source = block.source
    if block.body:
        last = block.body[-1]
        if source.position(last.end)[0] < source.position(block.body_end)[0]:
            return after(last, *lines)
    indent, end = _indent(source, source.line_start(block.start)), newline(source)
    text = "".join(indent + "    " + line + end for line in lines)
    if block.body:  # a one-line block: `{ a }`
        return Edit(source, block.body_end, block.body_end, end + text + indent)
    inner = source.text[block.body_start : block.body_end]
    if "\n" in inner:
        at = block.body_start + inner.index("\n") + 1
        return Edit(source, at, at, text)
    return Edit(source, block.body_start, block.body_end, end + text + indent)


def append(source: Source, *lines: str) -> Edit:
    """Put `lines` at the end of the file."""
    end = newline(source)
    text = "".join(line + end for line in lines)
    at = len(source.text)
    return Edit(source, at, at, text if not at or source.text.endswith("\n") else end + text)


def newline(source: Source) -> str:
    """The line ending of the file's first line."""
    return "\r\n" if source.text[: source.text.find("\n") + 1].endswith("\r\n") else "\n"


def _indent(source: Source, at: int) -> str:
    text = source.text
    end = at
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[at:end]
