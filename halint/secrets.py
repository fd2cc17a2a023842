"""Which parts of a file are secret, and texts with `***` in their place.

Secrets are found in the text itself, comments included, not in the tree: what does not parse must not leak.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from halint.lexer import compiled

if TYPE_CHECKING:
    from halint.finding import Edit
    from halint.source import Source

MASK = "***"

_QUOTED = r"\"(?P<double>(?>(?:\\[^\r\n]|[^\"\\\r\n]+)+))|'(?P<single>[^'\r\n]+)"
_WORD = rf"(?:{_QUOTED}|(?P<plain>(?>(?:\\[^\r\n]|\$(?:\{{[^{{}}\r\n]*\}})?|[^ \t\r\n$\\\"'}}]+)+)))"
_GAP = r"(?>(?:[ \t]|\\\r?\n)+)"
_USER = (
    r"(?:\"[^:\"\r\n]*:(?P<double>[^\"\r\n]+)|'[^:'\r\n]*:(?P<single>[^'\r\n]+)"
    r"|[^: \t\r\n]*:(?P<plain>(?>(?:\\[^\r\n]|[^ \t\r\n\\]+)+)))"
)
_CALL = r"(?P<plain>[^() \t\r\n]+)\)"
#: The value of an HTTP header, up to the end of its word, of its string or an escaped line ending.
_HEADER = (
    rf"(?:{_QUOTED}|(?P<plain>(?>(?:(?:Basic|Bearer|Digest|Token)(?>(?:\\?[ \t])+))?)"
    r"(?>(?:\\[^rn\r\n]|[^ \t\r\n\\\"']+)+)))"
)

#: What leads to a secret, in any file: how it begins in small letters, and a pattern from there on, whose named
#: groups are the secret. A text is searched for the beginnings alone: `re` would try each letter of each line.
_ANYWHERE = (
    ("authorization", rf"(?i:authorization)[\"']?(?>(?:\\?[ \t]|:)+)(?!(?:if|unless)[ \t]){_HEADER}"),
    ("://", r"://[^/ \t\r\n:@\"']*:(?P<plain>[^/ \t\r\n@\"']+)@"),
    ("pass", rf"(?i:passw(?:or)?d|pass)[ \t]*=[ \t]*{_WORD}"),
    *(
        (name, rf"(?i:{name})[ \t]*=[ \t]*{_WORD}")
        for name in ("pwd", "secret", "token", "psk", "private-key", "apikey", "api_key")
    ),
)
_BY_FORMAT = {
    "keepalived": (
        ("auth_pass", rf"(?<!\w)auth_pass{_GAP}{_WORD}"),
        ("password", rf"(?<!\w)password{_GAP}{_WORD}"),
        ("key", rf"(?<!\w)key{_GAP}[0-9]+{_GAP}(?P<plain>[^\r\n{{}}]+)"),
        ("-p", rf"(?<=[ \t\"'])-p[ \t]+(?![0-9]{{1,5}}(?![^ \t\r\n\"']))(?!-){_WORD}"),
        ("-a", rf"(?<=[ \t\"'])-a[ \t]+(?!-){_WORD}"),
        ("--", rf"(?<=[ \t\"'])--(?:pass(?:w(?:or)?d)?|auth|secret|token)[ \t]+(?!-){_WORD}"),
        *((name, rf"(?<=[ \t\"']){name}[ \t=]*[^ \t\r\n:\"']+:(?P<plain>[^ \t\r\n\"']+)") for name in ("-u", "--user")),
        ("mysql", r"mysql[^\r\n]{0,200}?[ \t]-p(?P<plain>[^ \t\r\n\"']+)"),
    ),
    "haproxy": (
        ("stats", rf"(?<!\w)stats{_GAP}auth{_GAP}{_USER}"),
        *((name, rf"(?<![\w-]){name}{_GAP}{_WORD}") for name in ("password", "insecure-password")),
        ("hmac(", rf"hmac\([^,() \t\r\n]*,[ \t]*{_CALL}"),
        ("auth", rf"(?<!\w)AUTH(?>(?:\\?[ \t])+){_HEADER}"),
        *(
            (
                name,
                rf"(?<!\w){name}{_GAP}[\w.-]{{0,100}}(?i:pass|pwd|secret|token|key)[\w.-]*{_GAP}{_WORD}",
            )
            for name in ("setenv", "presetenv")
        ),
    ),
}
_DEFINED = r"\$\{?(\w+)\}?"

#: Characters around an edit that may say that it is about a secret.
_AROUND = 2000

Spans = list[tuple[int, int]]
#: Secrets by the first word in them.
Values = dict[str, list[str]]


def spans(text: str, format: str) -> Spans:
    """Where the secrets of a file of `format` stand, in order and without overlaps; masked ones are none."""
    lower = text.replace("\u0130", "I").lower()  # of this one the small letter is two characters
    found: Spans = []
    for beginning, pattern in (*_ANYWHERE, *_BY_FORMAT.get(format, ())):
        at = lower.find(beginning)
        while at >= 0:
            match = compiled(pattern).match(text, at)
            if match is not None:
                found.append(match.span(match.lastgroup or 0))
            at = lower.find(beginning, match.end() if match else at + 1)
    if format == "keepalived":
        found += _definitions(text, found)
    if "-----BEGIN" in text:
        found += _private_keys(text)
    return _merged((start, end) for start, end in sorted(found) if text[start:end].strip("*"))


def _definitions(text: str, found: Spans) -> Spans:
    """The values of the definitions that secrets are made of: `$KEY=...` with `auth_pass $KEY`."""
    names = {name for start, end in found for name in compiled(_DEFINED).findall(text[start:end])}
    return [
        match.span(2)
        for match in compiled(r"(?m)^[ \t]*\$(\w+)=[ \t]*([^\r\n]+)").finditer(text if names else "")
        if match[1] in names
    ]


def _private_keys(text: str) -> Spans:
    """The lines between those that begin and end a private key."""
    found: Spans = []
    at = 0
    while match := compiled(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----").search(text, at):
        end = text.find("-----END", match.end())
        at = len(text) if end < 0 else end
        found += [line.span() for line in compiled(r"[^\r\n]+").finditer(text, match.end(), at)]
    return found


class Masking:
    """Gives texts as they may leave the file. With `show` they are left as they are."""

    def __init__(self, show: bool = False) -> None:
        self.show = show
        self._spans: dict[Source, Spans] = {}
        self._values: dict[Source, Values] = {}
        self._open: dict[Source, set[str]] = {}

    def spans(self, source: Source) -> Spans:
        """The spans of `source` that are not to be shown."""
        if self.show:
            return []
        known = self._spans.get(source)
        if known is None:
            known = self._spans[source] = spans(source.text, source.format)
        return known

    def spans_in(self, source: Source, start: int, end: int) -> Spans:
        """Those of [start, end)."""
        hidden = self.spans(source)
        first = last = _behind(hidden, start)
        while last < len(hidden) and hidden[last][0] < end:
            last += 1
        return hidden[first:last]

    def prose(self, text: str, sources: Iterable[Source]) -> str:
        """A message about `sources`, without their secrets. A word that also stands openly in the file stays:
        hiding it would tell what the secret is."""
        for source in sources:
            values = self._secret_values(source)
            found = sorted(_words(text, values)) if values else []
            if found:
                open_ = self._open_values(source)
                hidden = _merged((start, end) for start, end, value in found if value not in open_)
                text = masked(text, hidden, 0, len(text))
        return text

    def part(self, source: Source, start: int, end: int) -> str:
        """[start, end) of `source`."""
        return masked(source.text, self.spans(source), start, end)

    def text(self, text: str, path: str) -> str:
        """The `text` of a file that stands at `path` on a node."""
        if self.show:
            return text
        from halint import formats

        return masked(text, spans(text, formats.of_path(path)), 0, len(text))

    def new_text(self, edit: Edit) -> str:
        """What `edit` writes: its line is looked at as it will be."""
        if self.show:
            return edit.text
        source = edit.source
        if self.spans_in(source, edit.start, edit.end):
            return MASK
        first = max(source.line_start(edit.start), edit.start - _AROUND)
        last = min(source.line_end(edit.end), edit.end + _AROUND)
        before, after = source.text[first : edit.start], source.text[edit.end : last]
        line = before + edit.text + after
        return masked(line, spans(line, source.format), len(before), len(before) + len(edit.text))

    def _secret_values(self, source: Source) -> Values:
        values = self._values.get(source)
        if values is None:
            hidden = {source.text[start:end] for start, end in self.spans(source)}
            values = self._values[source] = _by_word(hidden)
        return values

    def _open_values(self, source: Source) -> set[str]:
        """Those of its secrets that stand openly in the file, too."""
        found = self._open.get(source)
        if found is None:
            rest = masked(source.text, self.spans(source), 0, len(source.text))
            found = self._open[source] = {value for _, _, value in _words(rest, self._secret_values(source))}
        return found


def _by_word(secrets: set[str]) -> Values:
    """`secrets` by the first word in each, so that a text is searched for all of them at once."""
    found: Values = {}
    for secret in secrets:
        word = compiled(r"\w+").search(secret)
        found.setdefault(word[0] if word else "", []).append(secret)
    return found


def _words(text: str, values: Values) -> Iterator[tuple[int, int, str]]:
    """Where in `text` one of `values` stands with no letter, digit or underscore around it."""
    for word in compiled(r"\w+").finditer(text):
        for value in values.get(word[0], ()):
            start = word.start() - value.index(word[0])
            if start >= 0 and text.startswith(value, start) and _stands_alone(text, start, start + len(value)):
                yield start, start + len(value), value
    for value in values.get("", ()):  # without any letter or digit
        start = text.find(value)
        while start >= 0:
            if _stands_alone(text, start, start + len(value)):
                yield start, start + len(value), value
            start = text.find(value, start + len(value))


def _stands_alone(text: str, start: int, end: int) -> bool:
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    return compiled(r"\w").search(around) is None


def masked(text: str, hidden: Spans, start: int, end: int) -> str:
    """`text[start:end]` with the spans `hidden`, which are in order, masked."""
    parts: list[str] = []
    at = start
    for number in range(_behind(hidden, start), len(hidden)):
        from_, to = hidden[number]
        if from_ >= end:
            break
        parts += [text[at : max(from_, at)], MASK]
        at = to
    parts.append(text[at:end] if at < end else "")
    return "".join(parts)


def _behind(hidden: Spans, offset: int) -> int:
    """The number of the first of `hidden` that ends behind `offset`."""
    return bisect_right(hidden, offset, key=lambda span: span[1])


def _merged(found: Iterable[tuple[int, int]]) -> Spans:
    """Spans, sorted by their start, without overlaps."""
    merged: Spans = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
