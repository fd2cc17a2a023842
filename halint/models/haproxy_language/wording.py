"""What to say of a keyword that haproxy does not take where it stands."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from halint.models.haproxy_language.keywords import PROXY_KINDS, Keywords
from halint.patterns.haproxy_table import KEYWORDS
from halint.versions import show

if TYPE_CHECKING:
    from halint.models.haproxy_language.keywords import Keyword
    from halint.models.haproxy_language.scope import Scope
    from halint.tree import Word

_ACTIONS = ("http-request ", "http-response ", "http-after-response ", "tcp-request ", "tcp-response ", "quic-initial ")


def complain(scope: Scope, keyword: Keyword, word: Word) -> None:
    """Complain into `scope` of `keyword`, whose last word is `word`."""
    verdict, name = keyword.verdict, keyword.name
    place = "a named defaults section" if scope.named else f"a {scope.section} section"
    if verdict == "unknown":
        _unknown(scope, keyword, word)
    elif verdict == "new":
        since = keyword.lifetime[1]
        came = f"it came with {show(since)}" if since else "it came later"
        scope.complain(
            "haproxy-keyword-too-new", word, f"does not know {name!r} yet: {came}", "upgrade, or leave it out"
        )
    elif verdict == "removed":
        cure = f"use `{keyword.instead}`" if keyword.instead else "remove it"
        gone = keyword.lifetime[3]
        scope.complain("haproxy-removed-keyword", word, f"{name!r} is gone since {show(gone or ())}", cure)
    elif verdict == "refused":
        scope.complain("keyword-in-wrong-section", word, f"{name!r} must not stand in {place}", _where(scope, keyword))
    elif verdict == "ignored":
        scope.complain(
            "ignored-option-in-section",
            word,
            f"{name!r} does nothing in {place}",
            _where(scope, keyword),
            fatal=False,
        )
    elif verdict == "ok" and keyword.deprecated:
        cure = f"use `{keyword.instead}`" if keyword.instead else "plan to do without it"
        scope.complain("deprecated-keyword", word, f"{name!r} is deprecated", cure, fatal=False)


def _unknown(scope: Scope, keyword: Keyword, word: Word) -> None:
    before = keyword.name[: -len(word.text)]
    group = Keywords(scope.section, scope.named, scope.version)
    names = [name[len(before) :] for name in group.rows if name.startswith(before) and " " not in name[len(before) :]]
    near = get_close_matches(word.text, names, 1)
    cure = f"{near[0]!r} was meant?" if near else "correct it, or remove it"
    kind = "unknown-action" if before.startswith(_ACTIONS) else "unknown-keyword"
    if not before:
        homes = [name for name, rows in KEYWORDS.items() if word.text in rows]
        if homes and not near:
            kind, cure = "keyword-in-wrong-section", f"it belongs into {' or '.join(homes)}"
    scope.complain(kind, word, f"there is no {before}{word.text}", cure)


def _where(scope: Scope, keyword: Keyword) -> str:
    """The kinds of section that take `keyword`."""
    taken = []
    for kind in PROXY_KINDS:
        section, named = ("defaults", True) if kind == "named defaults" else (kind, False)
        keywords = Keywords(section, named, scope.version)
        row = keywords.rows.get(keyword.name)
        if row is not None and keywords._verdict(row[0], row[3]) == "ok":
            taken.append(kind)
    return f"it belongs into {', '.join(taken)}"
