"""`option httpchk METHOD URI VERSION`, and the headers that used to be hidden behind the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability, Create, Edit, Fix
from halint.fixes.edits import newline
from halint.readers.lexer import compiled
from halint.versions import known

if TYPE_CHECKING:
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word

#: `http-check send`, and the warning that comes with it (2.4; 2.0 has neither).
_WARNED = ((2, 0), (2, 4), None, None)
#: "hiding headers or body at the end of the version string is unsupported" (2.8.25; 2.6.12 warns).
_REFUSED = ((2, 6), (2, 8), None, None)

_KIND = "httpchk-form-outdated-or-no-host"

#: A header that can be written without escapes.
_HEADER = r"([!#$&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n%\"\\$']*)"


def check(words: list[Word], at: int, scope: Scope) -> None:
    """Complain into `scope` of headers or a body in the version; `words` from `at` on are the arguments."""
    if len(words) <= at + 2:
        return
    version = words[at + 2]
    if "\r\n" not in version.text or known(_WARNED, scope.version) is not True:
        return
    refused = known(_REFUSED, scope.version)
    if refused is None:
        return
    effect = "headers of a health check must not be hidden behind the version"
    if not refused:
        effect = "2.8 and later refuse headers of a health check that are hidden behind the version"
    cure = "write them in `http-check send hdr NAME VALUE`"
    scope.complain(_KIND, version, effect, cure, fatal=refused, fix=_fix(words, at, version))


def _fix(words: list[Word], at: int, version: Word) -> Fix | None:
    """Move simple headers to a line of `http-check send` below; None where there is a body, or more than that."""
    name, _, rest = version.text.partition("\r\n")
    headers = [compiled(_HEADER).fullmatch(line) for line in rest.removesuffix("\r\n").split("\r\n") if line]
    if len(words) > at + 3 or "\r\n\r\n" in rest or not headers:
        return None
    parts = []
    for header in headers:
        if header is None or not header[2]:
            return None
        value = f'"{header[2]}"' if compiled(r"[ \t#]").search(header[2]) else header[2]
        parts.append(f"hdr {header[1]} {value}")
    source, ending = version.source, newline(version.source)
    start, end = source.line_start(words[0].start), source.line_end(version.end)
    line = f"{source.text[start : words[0].start]}http-check send {' '.join(parts)}"
    below = line + ending if source.text[:end].endswith("\n") else ending + line
    edits: list[Edit | Create] = [Edit(source, version.start, version.end, name), Edit(source, end, end, below)]
    return Fix("move the headers to http-check send", edits, Applicability.SAFE)
