"""What the statements of rsyslog say, one by one: parameters of objects, files of actions."""

from __future__ import annotations

from halint.readers.lexer import compiled
from halint.tree import Statement, Word


def parameters(statement: Statement) -> dict[str, list[Word]]:
    """The parameters of an object by their names in lower case; an array gives several values."""
    found: dict[str, list[Word]] = {}
    words = statement.words
    for name, value in zip(words[1::2], words[2::2], strict=False):
        found.setdefault(name.text.lower(), []).append(value)
    return found


def file_of(statement: Statement) -> tuple[str, Word] | None:
    """The log file that an action writes to, "" where its name is computed; None where it writes to none."""
    word = statement.words[0]
    if word.text.lower() == "action":
        given = parameters(statement)
        kind = given["type"][0].text.lower() if "type" in given else ""
        if kind != "omfile":
            return None
        if "file" in given and not given["file"][0].raw.startswith("`"):
            return given["file"][0].text, given["file"][0]
        return "", word
    text = word.text
    if text.startswith(("/", "-/")):
        start = len(text) - len(text.lstrip("-"))
        end = compiled(r"[ \t;,]").search(text)
        path = word.part(start, len(text) if end is None else end.start())
        return path.text, path
    if text.startswith("?") or text.lower().startswith(":omfile:"):
        return "", word
    return None


def leaves(statement: Statement) -> bool:
    """Whether an action hands messages on to what may keep them; users' terminals do not."""
    text = statement.keyword
    if text.lower() == "action":
        given = parameters(statement)
        return "type" in given and given["type"][0].text.lower() not in ("omfile", "omusrmsg", "omdiscard")
    return text.startswith(("@", "|", "^", ">")) or text.startswith(":") and not text.lower().startswith(":omusrmsg:")


def is_enabled(statement: Statement) -> bool | None:
    """Whether an object counts; None where that depends on another's failure, on a rate or on the environment."""
    if statement.keyword.lower() not in ("action", "input"):
        return True
    for name, value in zip(statement.words[1::2], statement.words[2::2], strict=False):
        key = name.text.lower()
        if key == "config.enabled" and not value.raw.startswith("`"):
            return not is_off([value])
        if key == "config.enabled" or key.startswith("action.execonly"):
            return None
    return True


def is_off(words: list[Word] | None) -> bool:
    return words is not None and words[0].text.lower() in ("off", "no", "false", "0")


def placed(word: Word) -> Word | None:
    """`word`, unless it stands in a stock file that the input does not hold."""
    return word if word.source.path else None
