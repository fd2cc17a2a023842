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


#: A file, or a template that names it, and the template of its lines. A name ends at a space or a semicolon, not at a
#: tab; what stands behind the second name, or as a comment behind a space, is no matter (measured).
_FILE = r"-?([/?][^ ;]*)(?=[ ;]|$) *(?:;[ \t]*([^ ]*).*|#.*)?"


def file_and_template(text: str) -> tuple[str, str] | None:
    """The file (`/path`, or `?template`) and the template for its lines that a legacy action names, the latter "" where
    it names none; None where rsyslogd does not understand it."""
    found = compiled(_FILE).fullmatch(text)
    return None if found is None else (found[1], found[2] or "")


def is_garbled(statement: Statement) -> bool:
    """Whether an action means a file, and rsyslogd drops it for what stands behind the name."""
    text = statement.keyword
    return compiled(r"-?[ \t]*[/?]").match(text) is not None and file_and_template(text) is None


def file_of(statement: Statement) -> tuple[str, Word] | None:
    """The log file that an action writes to, "" where its name is computed; None where it writes to none."""
    word = statement.words[0]
    text = word.text
    if text.lower() == "action":
        given = parameters(statement)
        kind = given["type"][0].text.lower() if "type" in given else ""
        if kind != "omfile":
            return None
        if "file" in given and "dynafile" not in given and not given["file"][0].raw.startswith("`"):
            return given["file"][0].text, given["file"][0]
        return "", word
    if text.startswith(("/", "?", "-")):
        found = file_and_template(text)
        if found is None or found[0].startswith("?"):
            return None if found is None else ("", word)
        start = len(text) - len(text.lstrip("-"))
        path = word.part(start, start + len(found[0]))
        return path.text, path
    return ("", word) if text.lower().startswith(":omfile:") else None


def leaves(statement: Statement) -> bool:
    """Whether an action hands messages on to what may keep them; users' terminals do not."""
    text = statement.keyword
    if text.lower() == "action":
        given = parameters(statement)
        return "type" in given and given["type"][0].text.lower() not in ("omfile", "omusrmsg", "omdiscard")
    return text.startswith(("@", "|", "^", ">")) or text.startswith(":") and not text.lower().startswith(":omusrmsg:")


_OBJECTS = frozenset({"action", "input", "module", "ruleset", "template", "include"})


def is_enabled(statement: Statement) -> bool | None:
    """Whether an object counts; None where that depends on another's failure, on a rate or on the environment."""
    if len(statement.words) < 3 or statement.keyword.lower() not in _OBJECTS:
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
