"""rsyslog's templates, as far as they name files (rsyslog.conf(5), "TEMPLATES"; measured with rsyslogd 8.2302).

A template counts from the place on where it is defined: an action above it that names it is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.rsyslog import words
from halint.readers.lexer import compiled
from halint.tree import Statement

if TYPE_CHECKING:
    from halint.models.rsyslog.filters import Message


def read(statement: Statement) -> tuple[str, str | None]:
    """The name that `$template` or `template()` defines, and its text with %properties%; None where it has no such."""
    if statement.keyword.startswith("$"):
        source = statement.source
        whole = source.text[statement.words[1].start : source.line_end(statement.end)]
        name, _, text = whole.partition(",")
        quoted = compiled(r'[ \t]*"((?:\\[^\r\n]|[^"\\\r\n])*)"').match(text)
        return name.strip(" \t"), quoted[1] if quoted else None
    given = words.parameters(statement)
    name = given["name"][0].text if "name" in given else ""
    if "string" in given:
        return name, given["string"][0].text
    return name, _of_list(statement.body)


def _of_list(body: list[Statement] | None) -> str | None:
    parts = []
    for part in body or ():
        given = words.parameters(part)
        if part.keyword.lower() == "constant" and "value" in given:
            parts.append(given["value"][0].text.replace("%", "%%"))
        elif part.keyword.lower() == "property" and "name" in given and len(part.words) == 3:
            parts.append(f"%{given['name'][0].text}%")
        else:
            return None
    return "".join(parts) or None


def expand(text: str, message: Message) -> str | None:
    """What `text` stands for in `message`; None where that depends on what is not known."""
    parts = []
    for literal, name in compiled(r"([^%]+|%%)|%([^%]*)%?").findall(text):
        value = literal[:1] if literal == "%%" else literal or message.property(name.removesuffix(":::secpath-replace"))
        if value is None or "\\" in value:
            return None
        parts.append(value)
    return "".join(parts)


def dynamic(statement: Statement) -> str | None:
    """The template that names the file of an action."""
    if statement.keyword.lower() == "action":
        given = words.parameters(statement)
        return given["dynafile"][0].text if "dynafile" in given else None
    found = compiled(r"-?\?([^; \t]+)").match(statement.keyword)
    return found[1] if found else None


def names(statement: Statement) -> list[str]:
    """The templates that an action uses."""
    if statement.keyword.lower() == "action":
        given = words.parameters(statement)
        return [word.text for key in ("template", "dynafile") for word in given.get(key, ())]
    of_file = dynamic(statement)
    _, _, of_line = statement.keyword.partition(";")
    line = of_line.strip(" \t").partition(" ")[0]
    return [name for name in (of_file, line) if name]
