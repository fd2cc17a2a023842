"""Which parts of a file are secret, and texts with `***` in their place.

Secrets are found in the text itself, comments included, not in the tree: what does not parse must not leak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from halint.light import bisect_right
from halint.readers.lexer import compiled, may_hold

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
_ARGUMENT = r"[\"']?(?P<plain>[^,() \t\r\n\"'/][^,()\r\n\"']*)"
#: The value of an HTTP header, up to the end of its word, of its string or an escaped line ending.
_HEADER = (
    rf"(?:{_QUOTED}|(?P<plain>(?>(?:(?:Basic|Bearer|Digest|Token)(?>(?:\\?[ \t])+))?)"
    r"(?>(?:\\[^rn\r\n]|[^ \t\r\n\\\"']+)+)))"
)

#: What is sent in plain text to log in, up to the end of its line.
_LOGIN = (
    r"(?:\"(?i:auth|pass|login)[ \t]+(?P<double>(?>(?:\\[^rn\r\n]|[^\"\\\r\n]+)+))"
    r"|'(?i:auth|pass|login)[ \t]+(?P<single>(?>(?:\\[^rn\r\n]|[^'\\\r\n]+)+))"
    r"|(?i:auth|pass|login)(?>(?:\\?[ \t])+)(?P<plain>(?>(?:\\[^rn\r\n]|[^ \t\r\n\\\"']+)+)))"
)
#: Names, in part, of headers, parameters and variables that hold secrets.
_NAME = r"[\w.-]{0,100}(?i:authorization|pass|pwd|secret|token|api[-_]?key)[\w.-]*"
#: A word behind a name; not those that begin what follows one.
_VALUE = rf"(?!(?:if|unless|-i|-m|-f)(?![^ \t\r\n])|[{{}}]){_WORD}"
#: A word that ends as those do that say `password`, misspelt ones too; not where it is a name that somebody gave.
_PASSWORD = (
    r"(?<!by)(?<!com)(?<!acl )(?<!if )(?<!unless )(?<!server )(?<!backend )"
    rf"pas+(?:w(?:or)?ds?|w|phrase)?(?![\w.-]){_GAP}"
)
#: What stands between a keyword and its value, also where it is of another language.
_SET = rf"(?:[ \t]*[:=][ \t]*|{_GAP})"
#: Words behind a user's name that were meant to say that a password follows.
_SAYS_PASSWORD = r"(?:[\w-]{0,40}(?:pas|word|secret)[\w-]{0,40}|pw[\w-]*)"
#: A word of a block for authentication behind which a password follows.
_SAYS_KEY = r"(?i)\w{0,40}(?:pas|pwd?|word|secret|key|type)\w{0,40}[ \t:=]+(?=[^ \t:=])"
#: The words before it are blanks alone, up to eight.
_LINE_BEGINS = "|".join(rf"(?<=\n[ \t]{{{blanks}}})" for blanks in range(9))
#: What stands behind a user's name in userlists, on bind lines and in checks.
_BEHIND_USER = (
    r"(?:pas+[a-z]*|insecure|groups?|users|gid|uid|mode|level|ssl|crt|name|tfo|transparent|v4v6|v6only|thread|process"
    r"|defer-accept|interface|expose-fd|accept-|alpn|namespace|maxconn|backlog|post-41|pre-41|severity-output)"
)
#: Headers whose names sound as if they held a secret.
_PUBLIC = r"(?i:www-authenticate|x-pass(?:ed|enger))"
#: What a sample is compared with, behind the flags; all words of it.
_FLAGS = rf"\({_NAME}\)[^ \t\r\n]{{0,200}}(?>(?:[ \t]+(?:-m[ \t]+\w+|-[a-zA-Z](?!\w)|--))*)[ \t]+(?!-)"
_COMPARED = (
    r"(?:\"(?P<double>[^\"\r\n]+)|'(?P<single>[^'\r\n]+)|(?P<plain>(?>[^\r\n{}|\"' \t]+(?:[ \t]+[^\r\n{}|\"' \t]+)*)))"
)

#: What leads to a secret, in any file: how it begins in small letters, a pattern from there on, and behind that one
#: whose named groups are the secret. A text is searched for the beginnings alone: `re` would try each letter of each
#: line; and most that begin so lead to no secret, whose pattern then need not be compiled.
_ANYWHERE = (
    ("authorization", r"(?i:authorization)[\"']?(?>(?:\\?[ \t]|:)+)(?!(?:if|unless)[ \t])", _HEADER),
    ("://", r"://[^/ \t\r\n:@\"']*:", r"(?P<plain>[^/ \t\r\n@\"']+)@"),
    (":", r"(?<=\w):", r"(?P<plain>[^ \t\r\n:@/\"'\\]+)@"),
    ("pass", r"(?i:passw(?:or)?d|passphrase|pass)[0-9]?(?:[ \t]*=|:(?=[ \t]))[ \t]*", _WORD),
    *(
        (name, rf"(?i:{name})\w{{0,20}}\\?[\"'][ \t]*:[ \t]*\\?[\"']", r"(?P<plain>[^\"'\\\r\n]+)")
        for name in ("passw", "secret", "token")
    ),
    *((name, rf"(?i:{name})[ \t]*=[ \t]*", _WORD) for name in ("pwd", "psk", "apikey", "api_key")),
    *((name, rf"(?i:{name})(?:_\w{{1,20}})?[ \t]*=[ \t]*", _WORD) for name in ("secret", "token")),
    *((name, rf"(?i:{name})[-_]?(?i:key)[ \t]*=[ \t]*", _WORD) for name in ("private", "preshared")),
    ("pw", r"(?<![A-Za-z0-9])(?i:pw)[ \t]*=[ \t]*", _WORD),
    ("auth", r"(?i:auth)=[^: \t\r\n\"'=]+:", r"(?P<plain>[^ \t\r\n\"']+)"),
)
#: The same on the command lines of programs.
_COMMANDS = (
    ("--", r"(?<=[ \t\"'])--(?:pass(?:w(?:or)?d)?|auth|secret|token)[ \t]+(?!-)", _WORD),
    *(
        (name, rf"(?<=[ \t\"']){name}[ \t=]*[^ \t\r\n:\"']+:", r"(?P<plain>[^ \t\r\n\"']+)")
        for name in ("-u", "--user")
    ),
    ("mysql", "mysql", r"[^\r\n]{0,200}?[ \t]-p(?P<plain>[^ \t\r\n\"']+)"),
)
#: Behind three fields that commas end, as rsyslog's old actions of databases have them.
_FOURTH = r"(?>(?:[^,;\r\n]{0,200},){3})"
_BY_FORMAT = {
    "keepalived": (
        ("auth_pass", rf"(?<!\w)auth_pass{_GAP}", _WORD),
        ("auth_pass", rf"(?<!\w)auth_pass{_GAP}[^ \t\r\n\"'#!{{}}]+[ \t]+(?!auth_|[#!{{}}])", _WORD),
        ("auth_type", rf"(?<!\w)auth_type{_GAP}(?=\w*[0-9]|[^ \t\r\n]{{9}})(?!(?i:md5|sha|hmac))", _WORD),
        ("auth_type", r"(?<!\w)auth_type[ \t]+(?:PASS|AH)[ \t]+(?!auth_|[#!{}])", _WORD),
        ("auth", rf"(?<!\w)(?i:auth[_-](?!type|hmac)[a-z]+){_SET}", rf"(?!(?:PASS|AH)(?!\w)){_VALUE}"),
        ("password", rf"(?<!\w)password{_GAP}", _WORD),
        ("pas", _PASSWORD, _VALUE),
        ("key", rf"(?<!\w)key{_GAP}[0-9]+{_GAP}", r"(?P<plain>[^\r\n{}]+)"),
        ("-p", r"(?<=[ \t\"'])-p[ \t]+(?![0-9]{1,5}(?![^ \t\r\n\"']))(?!-)", _WORD),
        ("-a", r"(?<=[ \t\"'])-a[ \t]+(?!-)", _WORD),
        *_COMMANDS,
    ),
    "rsyslog": (
        *_COMMANDS,
        ("$", r"\$\w{0,100}(?i:pass|password|pwd|secret|token)[ \t]+", _WORD),
        (":om", rf":om\w{{1,20}}:{_FOURTH}", r"(?P<plain>[^;\r\n]+)"),
        (">", rf"(?<=[ \t])>{_FOURTH}", r"(?P<plain>[^;\r\n]+)"),
    ),
    "ini": (
        *_COMMANDS,
        ("wep-key", r"wep-key[0-9]?[ \t]*=[ \t]*", _WORD),
        ("pin", r"(?<![\w-])pin[ \t]*=[ \t]*", _WORD),
    ),
    "assignments": (*_COMMANDS, ("key", r"(?<!\w)KEY[1-4]?=", _WORD)),
    "logrotate": _COMMANDS,
    "sysctl": (("_key", r"_key[ \t]*=[ \t]*", _WORD),),
    "text": (
        *_COMMANDS,
        ("key", r"(?<!\w)KEY[1-4]?=", _WORD),
        *((name, rf"(?<![\w-]){name}:[ \t]+", _WORD) for name in ("key", "private", "shared", "psk")),
    ),
    "haproxy": (
        ("auth", rf"(?<!\w)auth{_GAP}", _USER),
        ("stats", rf"(?<!\w)stats{_GAP}(?!socket|uri|realm|scope|show-|bind|http-request|timeout)[\w-]+{_GAP}", _USER),
        ("stat", rf"(?<!\w)stat[a-z]{{0,3}}{_GAP}auth{_GAP}(?!#)[^ \t\r\n]+{_GAP}(?!#)", _WORD),
        ("auth", rf"(?:{_LINE_BEGINS})auth{_GAP}[^: \t\r\n]+{_GAP}(?!#)", _WORD),
        ("stats", rf"(?<!\w)stats{_GAP}auth{_GAP}", r"(?P<plain>[^: \t\r\n]+)[ \t]*(?:[\r\n]|$)"),
        *((name, rf"(?<![\w-]){name}{_GAP}", _WORD) for name in ("password", "insecure-password")),
        ("user", rf"(?<![\w-])user{_GAP}[^ \t\r\n]+{_GAP}", rf"(?!{_BEHIND_USER}|#){_VALUE}"),
        ("user", rf"(?<![\w-])user{_GAP}[^ \t\r\n]+{_GAP}{_SAYS_PASSWORD}{_SET}", _VALUE),
        ("insecure", rf"(?<![\w-])insecure(?!-fork|-setuid)[\w-]*{_SET}", _VALUE),
        ("pas", _PASSWORD, _VALUE),
        ("redis-check", rf"redis-check{_GAP}", _WORD),
        ("agent-s", rf"(?<!\w)agent-s\w*{_GAP}", _WORD),
        ("send", rf"(?<=[ \t])send(?:-lf)?{_GAP}", _LOGIN),
        ("send-binary", rf"send-binary(?:-lf)?{_GAP}", _WORD),
        ("dynamic-cookie-k", rf"dynamic-cookie-k\w*{_GAP}", _WORD),
        ("cluster-secr", rf"cluster-secr\w*{_GAP}", _WORD),
        ("-header", rf"(?<=set|add)-header{_GAP}(?!{_PUBLIC}){_NAME}{_GAP}(?![\"']?%\[)", _VALUE),
        ("hdr", rf"(?<=[ \t])hdr{_GAP}{_NAME}{_GAP}(?![\"']?%\[)", _HEADER),
        ("replace-", rf"replace-(?:header|value){_GAP}{_NAME}{_GAP}[^ \t\r\n]+{_GAP}", _WORD),
        *((name, rf"{name}{_FLAGS}", _COMPARED) for name in ("hdr", "urlp", "url_param")),
        ("set-var", rf"set-var(?:\(|{_GAP}){_NAME}\)?[ \t]+str\([\"']?", r"(?P<plain>[^()\r\n\"']+)"),
        ("aes_gcm_", r"aes_gcm_(?:enc|dec)\([^,()\r\n]*,[^,()\r\n]*,", _ARGUMENT),
        ("jwt_verify(", r"jwt_verify\([^,()\r\n]*,", _ARGUMENT),
        ("hmac(", r"hmac\([^,() \t\r\n]*,[ \t]*", _CALL),
        ("auth", r"(?<!\w)AUTH(?>(?:\\?[ \t])+)", _HEADER),
        *(
            (name, rf"(?<!\w){name}\w*{_GAP}[\w.-]{{0,100}}(?i:pass|pwd|secret|token|key)[\w.-]*{_GAP}", _VALUE)
            for name in ("setenv", "presetenv", "set-param", "setparam")
        ),
    ),
}
#: Beginnings that stand in the prose of comments, too.
_PROSE = {"auth", "insecure", "pas", "user"}
_DEFINED = r"\$\{?(\w+)\}?"

#: Characters around an edit that may say that it is about a secret.
_AROUND = 2000
#: Characters before a word that may say that it stands in a comment.
_COMMENT = 200

Spans = list[tuple[int, int]]
#: Secrets by the first word in them.
Values = dict[str, list[str]]


def spans(text: str, format: str) -> Spans:
    """Where the secrets of a file of `format` stand, in order and without overlaps; masked ones are none."""
    lower = text.replace("\u0130", "I").lower()  # of this one the small letter is two characters
    found: Spans = []
    for beginning, lead, value in (*_ANYWHERE, *_BY_FORMAT.get(format, ())):
        at = lower.find(beginning) if may_hold(lower, beginning) else -1
        while at >= 0:
            before = compiled(lead).match(text, at)
            match = compiled(value).match(text, before.end()) if before else None
            if match is not None and not (beginning in _PROSE and _in_comment(text, at)):
                found.append(match.span(match.lastgroup or 0))
            at = lower.find(beginning, match.end() if match else at + 1)
    if format == "keepalived":
        found += _of_authentication(text)
        found += _definitions(text, found)
    if "-----BEGIN" in text:
        found += _private_keys(text)
    return _merged((start, end) for start, end in sorted(found) if text[start:end].strip("*"))


def _in_comment(text: str, at: int) -> bool:
    """Whether a `#` or `!` that could begin a comment stands before `at` on its line, not too far away."""
    start = max(at - _COMMENT, 0)
    before = text[max(text.rfind("\n", start, at) + 1, start) : at].lstrip(" \t")
    return before.startswith(("#", "!")) or any(mark in before for mark in (" #", "\t#", " !", "\t!"))


def _of_authentication(text: str) -> Spans:
    """What stands where a password may be meant, in the lines of closed blocks for authentication: behind a word that
    says so or, where the line begins with no keyword at all, the whole line. `auth_...` is searched for anywhere."""
    from halint.patterns.keepalived_table import BLOCKS

    found: Spans = []
    for block in compiled(r"(?i:authen)\w{0,20}[ \t\r\n]*(?P<body>\{[^{}]*)\}").finditer(text):
        lines = compiled(r"(?m)(?:^|\{)[ \t]*(?![$@~]|(?i:auth))(?P<line>(?P<word>[^ \t\r\n!#{]+)[^\r\n!#]*)")
        for line in lines.finditer(text, *block.span("body")):
            end = line.start("line") + len(line["line"].rstrip(" \t"))
            if line["word"] not in BLOCKS["vrrp_instance"]:
                says = compiled(r"(?i)\w*(?:pas|pwd?|word|secret|key|type)\w*[ \t:=]+(?=[^ \t\r\n!#])").match(
                    line["line"]
                )
                found.append((line.start("line") + (says.end() if says else 0), end))
    return found


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
        for source in dict.fromkeys(sources):
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
        from halint.readers import formats

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
            values = self._values[source] = _by_word({part for whole in hidden for part in (whole, *_parts(whole))})
        return values

    def _open_values(self, source: Source) -> set[str]:
        """Those of its secrets that stand openly in the file, too."""
        found = self._open.get(source)
        if found is None:
            rest = masked(source.text, self.spans(source), 0, len(source.text))
            found = self._open[source] = {value for _, _, value in _words(rest, self._secret_values(source))}
        return found


def _parts(secret: str) -> list[str]:
    """Its words, where they are several, since a message may be about one of them; not the short ones, which a
    message has of its own."""
    return compiled(r"[^ \t\\]{4,}").findall(secret) if " " in secret or "\t" in secret else []


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
