"""Regular expressions as far as every PCRE agrees on them: what is certainly refused.

haproxy takes PCRE, PCRE2 or the C library's, as it was built; Python's own module must not judge them.
"""

from __future__ import annotations

from halint.readers.lexer import compiled

_PIECE = (
    r"(?s)(?P<escape>\\Q.*?(?:\\E|\Z)|\\.)"
    r"|(?P<class>\[\^?\]?(?>(?:\[[:.=][A-Za-z^]{0,12}[:.=]\]|\\Q.*?(?:\\E|\Z)|\\.|[^\]\\])*)(?P<closed>\])?)"
    r"|(?P<special>\(\?#[^)]*\)?|\(\*)|(?P<open>\()|(?P<close>\))|(?P<other>[^\\\[()]+|.)"
)


def fault(text: str) -> str | None:
    """Why haproxy refuses `text`, in words that follow "the regular expression"; None where it may take it."""
    if compiled(r"\(\?[a-z]*x").search(text):
        return None  # comments may hide anything
    if text[:1] in {"*", "?", "+"}:
        return f"begins with {text[0]!r}, which repeats nothing"
    depth = 0
    for piece in compiled(_PIECE).finditer(text):
        kind = piece.lastgroup
        if kind == "other" and piece.group() == "\\":
            return "ends in a backslash, which escapes nothing"
        if kind == "special" and piece.group() == "(*":
            depth += 1
        elif kind == "special" and not piece.group().endswith(")"):
            return "has a comment that nothing closes"
        elif kind == "class" and not piece["closed"]:
            return "has a '[' that nothing closes"
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth < 0:
                return "has a ')' without its '('"
    return "has a '(' that nothing closes" if depth else None
