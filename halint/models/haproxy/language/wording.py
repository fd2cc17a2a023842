"""What haproxy says of a keyword that it does not take where it stands, in halint's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability, Edit, Fix
from halint.fixes import edits
from halint.models.haproxy.language.keywords import PROXY_KINDS, Keywords
from halint.nearest import shown
from halint.patterns.haproxy_table import KEYWORDS
from halint.versions import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.models.haproxy.language.keywords import Keyword
    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word

#: Rules whose next word is an action: it has a rule of its own.
_RULES = (
    "http-request ", "http-response ", "http-after-response ", "quic-initial ",
    "tcp-request connection ", "tcp-request session ", "tcp-request content ", "tcp-response content ",
)  # fmt: skip


def complain(scope: Scope, keyword: Keyword, words: list[Word], behind: int) -> None:
    """Complain into `scope` of `keyword`, whose last word is that before `behind`."""
    word = words[behind - 1]
    if keyword.verdict == "unknown":
        _unknown(scope, keyword, word)
    elif keyword.verdict == "new":
        _new(scope, keyword, word)
    elif keyword.verdict == "removed":
        effect = f"{_the(scope, keyword)}{_gone(keyword)}"
        scope.complain(
            "haproxy-removed-keyword", word, effect, _instead(keyword), fix=_renaming(keyword, words, behind)
        )
    elif keyword.verdict in {"refused", "ignored"}:
        _misplaced(scope, keyword, words, behind)
    elif keyword.experimental and scope.exposed is False:
        effect = f"{_the(scope, keyword)} is an experiment, and those are not allowed"
        cure = "put expose-experimental-directives into a global section before it, or leave it out"
        scope.complain("experimental-keyword", word, effect, cure)
    elif keyword.deprecated:
        gone = keyword.lifetime[3]
        effect = f"{keyword.name!r} will go with {show(gone) if gone else 'a later version'}"
        fix = _renaming(keyword, words, behind)
        scope.complain("deprecated-keyword", word, effect, _instead(keyword), fatal=False, fix=fix)
    if keyword.members is not None and keyword.verdict in {"ok", "ignored"}:
        effect = f"{keyword.name!r} alone says nothing"
        scope.complain("missing-argument", word, effect, "write what it is for behind it, or remove it")


def complain_of_prefix(scope: Scope, keyword: Keyword, word: Word) -> None:
    """Complain into `scope` of `no` or `default`, the `word` before `keyword`."""
    effect = f"{shown(word.text)} must not stand before {keyword.name!r}"
    scope.complain("unknown-keyword", word, effect, "remove the line: without it, the value is the default")


def _unknown(scope: Scope, keyword: Keyword, word: Word) -> None:
    before = keyword.name.removesuffix(word.text)
    kind = "unknown-action" if before in _RULES else "unknown-keyword"
    home = None if before else _home_of(word.text)
    if home:
        effect = f"{shown(word.text)} must not stand in {_place(scope)}"
        scope.complain("keyword-in-wrong-section", word, effect, f"it belongs into {home}")
        return
    near = scope.nearest(word.text, _names(scope, before))
    what = f"{before.rstrip()!r} knows no" if before else f"{_place(scope)} takes no"
    what = f"{what} {shown(word.text)}"
    if near:
        cure = f"{near!r} is the nearest that it knows"
        scope.complain(kind, word, what, cure, fix=edits.writing(word, near), meant=before + near)
    else:
        scope.complain(kind, word, what, "correct it, or remove the line")


def _names(scope: Scope, before: str) -> Iterator[str]:
    """The words that could stand behind `before` in the section, or open another."""
    yield from Keywords(scope.section, scope.named, scope.version).names(before)
    if not before:
        yield from Keywords("section", False, scope.version).names("")


def _misplaced(scope: Scope, keyword: Keyword, words: list[Word], behind: int) -> None:
    """Of rules with actions, it is the rule that stands in the wrong section."""
    parts = keyword.name.split(" ")
    keywords = Keywords(scope.section, scope.named, scope.version)
    size = 1
    while size < len(parts) and keywords.verdict(" ".join(parts[:size])) != keyword.verdict:
        size += 1
    name, word = " ".join(parts[:size]), words[behind - 1 - len(parts) + size]
    home = _home(scope, name)
    if keyword.verdict == "refused":
        scope.complain("keyword-in-wrong-section", word, f"{name!r} must not stand in {_place(scope)}", home)
    else:
        scope.complain("ignored-option-in-section", word, f"{name!r} in {_place(scope)}", home, fatal=False)


def _new(scope: Scope, keyword: Keyword, word: Word) -> None:
    by = keyword.lifetime[1]
    effect = f"{show(scope.version or ())} does not know {_the(scope, keyword)} yet"
    if by is not None:
        effect += f", {show(by)} does"
    scope.complain("haproxy-keyword-too-new", word, effect, "upgrade haproxy first, or leave it out")


def _the(scope: Scope, keyword: Keyword) -> str:
    if scope.statement.keyword == scope.section and keyword.name == scope.section:
        return f"the {keyword.name} section"
    return repr(keyword.name)


def _gone(keyword: Keyword) -> str:
    _, _, last, gone = keyword.lifetime
    if gone is None:
        return " is gone"
    exact = last is not None and last[:2] == _before(gone)
    return f" is gone since {show(gone)}" if exact or last is None else f" is gone after {show(last)}"


def _before(version: tuple[int, ...]) -> tuple[int, int]:
    return (version[0], version[1] - 1) if version[1] else (version[0] - 1, 9)


def _instead(keyword: Keyword) -> str:
    return f"use `{keyword.instead}` instead" if keyword.instead else "remove it"


def _renaming(keyword: Keyword, words: list[Word], behind: int) -> Fix | None:
    """Write the new name of a keyword whose arguments stay as they are."""
    if keyword.renamed is None or keyword.instead is None:
        return None
    first, last = words[behind - 1 - keyword.name.count(" ")], words[behind - 1]
    edit = Edit(first.source, first.start, last.end, keyword.instead)
    return Fix(f"write {keyword.instead}", [edit], Applicability.named(keyword.renamed))


def _place(scope: Scope) -> str:
    if scope.section == "defaults":
        return f"a defaults section {'with' if scope.named else 'without'} a name"
    return "the global section" if scope.section == "global" else f"a {scope.section} section"


def _home(scope: Scope, name: str) -> str:
    """Where the keyword `name`, which stands in a proxy, belongs."""
    taken = []
    for kind in PROXY_KINDS:
        section = kind.removeprefix("named ")
        if Keywords(section, section != kind, scope.version).verdict(name) == "ok":
            taken.append(kind)
    if "defaults" in taken:
        taken = [kind for kind in taken if kind != "named defaults"]
    homes = ["defaults with a name" if kind == "named defaults" else kind for kind in taken]
    return f"it belongs into {_either(homes)}" if homes else "remove it"


def _home_of(name: str) -> str | None:
    """Where the keyword `name` belongs, which the section that it stands in does not know."""
    groups = [group for group, rows in KEYWORDS.items() if name in rows and group not in {"bind", "server", "section"}]
    if not groups:
        return None
    if "proxy" in groups:
        return "a defaults, frontend, listen or backend section"
    return "the global section" if "global" in groups else f"a {_either(groups)} section"


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
