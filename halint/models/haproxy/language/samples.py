"""Sample expressions: a fetch with its converters, as haproxy reads them (sample_parse_expr in src/sample.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import lru_cache
from halint.models.haproxy.language import arguments, places, sample_checks, sample_types
from halint.models.haproxy.language.arguments import Argument, Problem
from halint.models.haproxy.language.fault import part
from halint.patterns import haproxy_expressions as patterns
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS, CONVERTERS, FETCHES
from halint.readers.haproxy import VariableWord
from halint.readers.lexer import compiled
from halint.versions import known

if TYPE_CHECKING:
    from typing import Any

    from halint.models.haproxy.language.scope import Scope
    from halint.tree import Word
    from halint.versions import Version

#: Before 2.2 arguments could not be quoted; and no dump tells what was known then.
OLDEST = (2, 2)

#: Names that scripts give to fetches and converters of their own.
_SCRIPTED = ("lua.",)

#: Types of arguments that name something which is defined elsewhere.
REFERENCES = frozenset({"frontend", "backend", "table", "server", "user list"})


class Expression:
    """What haproxy makes of an expression.

    fetch: its name as written. keyword: whether that is an ACL keyword with a match method of its own.
    place: where it can be used (bits of places.py). type: of what it gives ("str", "sint"...).
    converted: whether converters follow. end: how far in the text it goes.
    problem: why haproxy refuses it. certain: False where halint does not know all of its words.
    references: what it refers to, as pairs: the type of argument ("table", "user list"...), and the argument, which is
    empty where haproxy takes the proxy's own table, backend or frontend.
    """

    __slots__ = ("certain", "converted", "end", "fetch", "keyword", "place", "problem", "references", "type")

    def __init__(self) -> None:
        self.fetch = ""
        self.keyword = False
        self.place = places.ANYWHERE
        self.type = "any"
        self.converted = False
        self.certain = True
        self.end = 0
        self.problem: Problem | None = None
        self.references: list[tuple[str, Argument]] = []


def sample(words: list[Word], at: int, scope: Scope) -> int:
    """Complain into `scope` of the expression that begins at word `at`; the index of the first word behind it."""
    if at >= len(words):
        effect = f"a sample expression is missing behind {words[-1].text!r}"
        scope.complain("invalid-sample-expression", words[-1], effect, "say what to fetch")
        return at
    word, texts = words[at], [word.text for word in words]
    expression = read(word.text, scope.version)
    behind = at + 1
    if expression.problem is None:
        behind, expression = more(texts, at, len(words), expression, scope.version)
    if isinstance(word, VariableWord):
        return behind
    if expression.problem is not None:
        start, end, effect, cure = expression.problem
        scope.complain("invalid-sample-expression", part(words[behind - 1], start, end), effect, cure)
    elif expression.certain:
        place = places.of(places.line_of(texts), scope.section)
        if place and not expression.place & place:
            scope.complain("invalid-sample-expression", word, *misplaced(expression, place))
    return behind


def misplaced(expression: Expression, place: int) -> tuple[str, str]:
    """What haproxy says of an expression whose data is not there at `place`, and what to do."""
    return (
        f"{expression.fetch!r} cannot be used in {places.name(place)}: its data is not there",
        "use what is available there, or keep the value in a variable",
    )


@lru_cache(4096)
def read(text: str, version: Version | None, acl: bool = False) -> Expression:
    """What haproxy of `version` makes of the expression `text`.

    acl: whether it is the subject of an ACL, where ACL keywords come before fetches.
    """
    return parse(text, 0, version, acl=acl)


def parse(text: str, at: int, version: Version | None, *, acl: bool = False, enclosed: bool = False) -> Expression:
    """What haproxy of `version` makes of the expression at `at`.

    enclosed: whether something else may follow it, as `]` does in log formats. acl: see `read`.
    """
    expression = Expression()
    at = _fetch(expression, text, at, version, acl)
    if expression.problem is None and expression.certain:
        at = converters(expression, text, at, version, enclosed)
    expression.end = at
    return expression


def _fetch(expression: Expression, text: str, at: int, version: Version | None, acl: bool) -> int:
    found = compiled(patterns.CALL).match(text, at)
    name = expression.fetch = found["name"] if found else ""
    expression.keyword = acl and name in ACL_KEYWORDS
    if not name:
        expression.problem = at, max(len(text), at + 1), "a fetch is missing", "name what to look at"
        return at
    forms = FETCHES.get(ACL_KEYWORDS[name][0] if expression.keyword else name)
    form = _form(expression, forms, name, at, version, "fetch")
    if form is None:
        return at + len(name)
    _, expression.place, takes, expression.type = form
    return _call(expression, text, at, name, takes, version, "fetch")


def converters(expression: Expression, text: str, at: int, version: Version | None, enclosed: bool) -> int:
    """Read the converters at `at`, with the commas before them."""
    while at < len(text) and expression.problem is None and expression.certain:
        commas = compiled(patterns.COMMAS).match(text, at)
        if commas is None:
            if not enclosed:
                expression.problem = (
                    at,
                    len(text),
                    f"{text[at:]!r} follows without a comma",
                    "separate it, or remove it",
                )
            return at
        at = commas.end()
        if at >= len(text) and not enclosed:
            return at
        at = _converter(expression, text, at, version)
    return at


def _converter(expression: Expression, text: str, at: int, version: Version | None) -> int:
    found = compiled(patterns.CALL).match(text, at)
    name = found["name"] if found else ""
    form = _form(expression, CONVERTERS.get(name), name, at, version, "converter")
    if form is None:
        return at + len(name)
    _, takes, taken, given = form
    if not sample_types.castable(expression.type, taken):
        names = sample_types.NAMES
        expression.problem = (
            at,
            at + len(name),
            f"{name!r} takes {names[taken]}, and what is before it gives {names[expression.type]}",
            "convert it first, or use another converter",
        )
        return at
    expression.converted = True
    at = _call(expression, text, at, name, takes, version, "converter")
    if given != "same":
        expression.type = given
    return at


def _call(expression: Expression, text: str, at: int, name: str, takes: str, version: Version | None, kind: str) -> int:
    """Read the arguments of `name` at `at`, and check what haproxy checks of them."""
    if takes == "unknown":
        expression.certain = False
        return len(text)
    behind = at + len(name)
    found, end, problem = arguments.read(text, behind, takes)
    if problem is None:
        problem = sample_checks.check(f"{kind} {name}", found, behind, version)
    if problem is not None:
        start, stop, effect, cure = problem
        if start >= len(text):  # nothing is there to point at
            start, stop = at, behind
        expression.problem = start, stop, f"{effect} in {name!r}", cure
    least, types = arguments.signature(takes)
    for position, (kind_of, argument) in enumerate(zip(types, found, strict=False)):
        if kind_of in REFERENCES and (argument.text or (kind == "fetch" and position < least)):
            expression.references.append((kind_of, argument))
    return end


def _form(
    expression: Expression, forms: tuple[Any, ...] | None, name: str, at: int, version: Version | None, kind: str
) -> Any:
    """The form that `name` has in `version`, or None where it is not known, or nothing is certain."""
    if version is not None and version[:2] < OLDEST:
        expression.certain = False
        return None
    doubt = False
    for form in forms or ():
        there = known(form[0], version)
        if there:
            return form
        doubt |= there is None
    if doubt or name.startswith(_SCRIPTED):
        expression.certain = False
        return None
    from halint.models.haproxy.language import sample_names

    effect, cure = sample_names.unknown(name, forms, version, kind)
    expression.problem = at, at + max(len(name), 1), effect, cure
    return None


def more(
    texts: list[str], at: int, end: int, expression: Expression, version: Version | None
) -> tuple[int, Expression]:
    """Go on behind word `at`, up to word `end`, with converters that are words of their own, as in `src lower`."""
    at += 1
    while at < end and expression.problem is None and expression.certain:
        text = texts[at]
        found = compiled(patterns.CALL).match(text)
        forms = CONVERTERS.get(found["name"], ()) if found else ()
        if not any(known(form[0], version) for form in forms):
            break
        further = Expression()
        further.fetch, further.place, further.type = expression.fetch, expression.place, expression.type
        further.references += expression.references
        further.end = converters(further, text, _converter(further, text, 0, version), version, False)
        expression = further
        at += 1
    return at, expression
