"""Arguments of several words, or of one that depends on others: expressions, conditions, formats, responses, cookies.

Each function gives, from what is in the brackets of a signature, the one that reads the words of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halint.models.haproxy.language import quantities
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word

    Step = Callable[[list[Word], int, Scope], int]

STATUSES = frozenset(
    {200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502, 503, 504}
)

_ALGORITHMS = ("first", "hash", "leastconn", "random", "roundrobin", "source", "static-rr", "uri", "url_param")

#: The parts of a response that haproxy makes, and how many words each takes; those that are its content.
_PARTS = {
    "status": 2, "deny_status": 2, "content-type": 2, "errorfiles": 2, "default-errorfiles": 1, "errorfile": 2,
    "file": 2, "string": 2, "lf-file": 2, "lf-string": 2, "hdr": 3,
}  # fmt: skip

_CONTENTS = frozenset({"string", "lf-string", "lf-file"})


def everything(_inside: Any) -> Step:
    return lambda words, _at, _scope: len(words)


def condition(_inside: Any) -> Step:
    from halint.models.haproxy.language.conditions import condition

    return condition


def sample(_inside: Any) -> Step:
    from halint.models.haproxy.language.samples import sample

    return sample


def store(_inside: Any) -> Step:
    from halint.models.haproxy.language.stored import store

    return store


def acl(_inside: Any) -> Step:
    from halint.models.haproxy.language.acls import acl

    return acl


def log_format(_inside: Any) -> Step:
    from halint.models.haproxy.language.logformat import log_format

    def step(words: list[Word], at: int, scope: Scope) -> int:
        if at >= len(words) or not words[at].text:
            from halint.models.haproxy.language import refusal

            return refusal.missing_format(scope, words, at)
        if "%" in words[at].text:
            log_format(words[at], scope)
        return at + 1

    return step


def case_variant(_inside: Any) -> Step:
    """A header's name as the word before it, in other letters."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        if at >= len(words):
            return refusal.missing(scope, words, at, f"{words[0].text!r} needs a second name")
        if words[at].text.lower() != words[at - 1].text.lower():
            return refusal.word(
                scope, words, at, f"{{}} is another name than {words[at - 1].text!r}", "change the case alone"
            )
        return at + 1

    return step


def cookie_modes(_inside: Any) -> Step:
    """The modes of a cookie that is read already: which of them exclude each other."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        modes = {word.text: number for number, word in enumerate(words[:at])}
        for excluded in (("rewrite", "indirect"), ("rewrite", "insert"), ("rewrite", "prefix"), ("insert", "prefix")):
            if modes.keys() >= set(excluded):
                first, last = sorted(excluded, key=lambda mode: modes[mode])
                return refusal.word(scope, words, modes[last], f"{{}} excludes {first!r}", "keep one of them")
        if "preserve" in modes and not modes.keys() & {"insert", "indirect"}:
            return refusal.word(
                scope, words, modes["preserve"], "{} needs insert or indirect", "add the one that is meant"
            )
        return at

    return step


def deny_status(_inside: Any) -> Step:
    """The status of a refusal: alone, one that haproxy has a response for; with more behind it, any."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        if at >= len(words) or not words[at].text:
            return refusal.missing(scope, words, at, "'deny_status' needs a status code behind it")
        code = quantities.leading(words[at].text) or 0
        if not 200 <= code <= 599:
            return refusal.word(scope, words, at, "'deny_status' takes 200 to 599, not {}", "correct it")
        alone = at + 1 == len(words) or words[at + 1].text in {"if", "unless"}
        if alone and code not in STATUSES:
            cure = "give it a content, or take one of " + ", ".join(map(str, sorted(STATUSES)))
            return refusal.word(scope, words, at, "haproxy has no response of its own for {}", cure)
        return at + 1

    return step


def domain(_inside: Any) -> Step:
    """The domain of a cookie; browsers take none without a dot, of which haproxy warns."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        if at >= len(words) or not words[at].text:
            return refusal.missing(scope, words, at, "'domain' needs a domain behind it")
        text = words[at].text
        if not compiled(r"[A-Za-z0-9_.-]+").fullmatch(text):
            return refusal.word(scope, words, at, "{} is no domain", "use letters, digits, -, _ and .")
        if "." not in text:
            refusal.word(
                scope, words, at, "{} has no dot: browsers refuse such a domain", "write it in full", fatal=False
            )
        return at + 1

    return step


def reply_parts(_inside: Any) -> Step:
    """A response that is read already: content needs its type, and there is none with some codes."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        number = 1 if words[0].text == "http-error" else 2
        parts: dict[str, int] = {}
        while number < at and words[number].text in _PARTS:
            parts[words[number].text] = number
            number += _PARTS[words[number].text]
        from halint.models.haproxy.language import refusal

        content = next((part for part in parts if part in _CONTENTS), None)
        if content is None or (content == "string" and not words[parts[content] + 1].text):
            if "content-type" in parts and parts.keys().isdisjoint({"file", "errorfile", "errorfiles"}):
                effect = "{} is of no use: there is no content"
                refusal.word(scope, words, parts["content-type"], effect, "add one, or remove it", fatal=False)
            return at
        if "content-type" not in parts:
            return refusal.word(
                scope, words, parts[content], "{} needs a content-type beside it", "add content-type and the type"
            )
        status = parts.get("status", parts.get("deny_status"))
        if status is not None and quantities.leading(words[status + 1].text) in {204, 304}:
            return refusal.word(
                scope, words, parts[content], "{} is content, which such a status does not have", "remove it"
            )
        return at

    return step


def peer(_inside: Any) -> Step:
    """The name of a peer, which is ignored without an address behind it."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        if at + 1 >= len(words) or not words[at + 1].text:
            effect = "a 'peer' without a name and ADDRESS:PORT is ignored"
            return refusal.missing(scope, words, max(at, len(words)), effect, fatal=False)
        if not compiled(r"[A-Za-z0-9_.:-]+").fullmatch(words[at].text):
            return refusal.word(scope, words, at, "{} is no name", "use letters, digits, -, _, . and :")
        return at + 1

    return step


def persist(_inside: Any) -> Step:
    """`rdp-cookie` and what is behind it, or `rdp-cookie(NAME)`: the word before."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        text = words[at - 1].text
        if text == "rdp-cookie":
            return len(words)
        if not compiled(r"rdp-cookie\([^)]+\)").match(text):
            return refusal.word(scope, words, at - 1, "{} has no name in its brackets", "write rdp-cookie(NAME)")
        return at

    return step


def ring_size(inside: Any) -> Step:
    """The size of a ring: in bytes before 3.2, and not below that which a ring begins with (cfg_parse_ring, sink.c)."""
    least = int(inside)

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        if at >= len(words) or not words[at].text:
            return refusal.missing(scope, words, at, "'size' needs a number of bytes behind it")
        size = quantities.leading(words[at].text) or 0
        if size <= 0:
            return refusal.word(scope, words, at, "'size' needs a number of bytes, not {}", "correct it")
        if size < least:
            old = scope.version is not None and scope.version < (2, 7)
            effect = f"{{}} is {size} bytes, less than the {least} of every ring, and ignored"
            refusal.word(scope, words, at, effect, "write the bytes in full", fatal=old)
        return at + 1

    return step


def balance(_inside: Any) -> Step:
    """An algorithm with brackets: `hdr(NAME) [use_domain_only]`, `random(DRAWS)`, `rdp-cookie(NAME)`."""

    def step(words: list[Word], at: int, scope: Scope) -> int:
        from halint.models.haproxy.language import refusal

        match = compiled(r"hdr\([^)]+\)|rdp-cookie\([^)]+\)|random(?:\((?:[ \t]*\+?0*[1-9][0-9]*)?\)|(?!\())").match
        if not match(words[at].text):
            return refusal.word(scope, words, at, "'balance' does not know {}", "correct it", known=_ALGORITHMS)
        if words[at].text.startswith("hdr(") and at + 1 < len(words) and words[at + 1].text != "use_domain_only":
            return refusal.word(scope, words, at + 1, "'hdr' takes no {}, but use_domain_only", "correct it")
        return len(words)

    return step


def else_sample(accepts: Callable[[str], bool]) -> Callable[[Any], Step]:
    """A word that `accepts` takes, else a sample expression."""

    def make(_inside: Any) -> Step:
        from halint.models.haproxy.language.samples import sample

        def step(words: list[Word], at: int, scope: Scope) -> int:
            if at < len(words) and accepts(words[at].text):
                return at + 1
            return sample(words, at, scope)

        return step

    return make
