"""rsyslog's templates, as far as they name files (rsyslog.conf(5), "TEMPLATES"; measured with rsyslogd 8.2302).

A template counts from the place on where it is defined: an action above it that names it is left out. Of two of one
name the first counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.rsyslog import words
from halint.readers.lexer import compiled
from halint.tree import Statement

if TYPE_CHECKING:
    from halint.models.rsyslog.filters import Message


#: What a template is made of: text as it is, or the name of a property, the other one "".
Parts = list[tuple[str, str]]


def read(statement: Statement) -> tuple[str, Parts | None]:
    """The name that `$template` or `template()` defines, and what it is made of; None where that is not understood."""
    if statement.keyword.startswith("$"):
        name, text = _named(statement)
        quoted = compiled(r'[ \t]*"((?:\\[^\r\n]|[^"\\\r\n])*)"').match(text)
        return name, _parts(quoted[1]) if quoted else None
    given = words.parameters(statement)
    name = given["name"][0].text if "name" in given else ""
    if "string" in given:
        return name, _parts(given["string"][0].text)
    return name, _of_list(statement.body)


def channel(statement: Statement) -> tuple[str, Parts | None]:
    """The name by which actions call what `$outchannel` defines, and its file."""
    name, text = _named(statement)
    path = text.partition(",")[0].strip(" \t")
    return f"${name}", [(path, "")] if path.startswith("/") else None


def _named(statement: Statement) -> tuple[str, str]:
    """The name and what stands behind its comma."""
    source = statement.source
    whole = source.text[statement.words[1].start : source.line_end(statement.end)]
    name, _, text = whole.partition(",")
    return name.strip(" \t"), text


def _parts(text: str) -> Parts:
    return compiled(r"([^%]+)|%([^%]*)%?").findall(text)


def _of_list(body: list[Statement] | None) -> Parts | None:
    parts = []
    for part in body or ():
        given = words.parameters(part)
        if part.keyword.lower() == "constant" and "value" in given:
            parts.append((given["value"][0].text, ""))
        elif part.keyword.lower() == "property" and "name" in given and len(part.words) == 3:
            parts.append(("", given["name"][0].text))
        else:
            return None
    return parts or None


def expand(parts: Parts, message: Message) -> str | None:
    """What a template stands for in `message`; None where that depends on what is not known."""
    values = []
    for literal, name in parts:
        value = literal or message.property(name.removesuffix(":::secpath-replace"))
        if value is None or "\\" in value:
            return None
        values.append(value)
    return "".join(values)


def dynamic(statement: Statement) -> str | None:
    """The template, or `$` and the output channel, that names the file of an action."""
    text = statement.keyword
    if text.lower() == "action":
        given = words.parameters(statement)
        return given["dynafile"][0].text if "dynafile" in given else None
    channel = compiled(r"(?i::omfile:)(\$[^; \t]+)").match(text)
    if channel is not None:
        return channel[1]
    found = words.file_and_template(text)
    return found[0][1:].rstrip("\t") if found is not None and found[0].startswith("?") else None


def names(statement: Statement) -> list[str]:
    """The templates that an action uses."""
    if statement.keyword.lower() == "action":
        given = words.parameters(statement)
        return [word.text for key in ("template", "dynafile") for word in given.get(key, ())]
    of_file, found = dynamic(statement), words.file_and_template(statement.keyword)
    return [name for name in (of_file, found[1] if found is not None else "") if name and not name.startswith("$")]


def is_own(statement: Statement) -> bool:
    """Whether an action to a file says itself by which template it writes."""
    found = words.file_and_template(statement.keyword)
    return bool(found[1]) if found is not None else "template" in words.parameters(statement)
