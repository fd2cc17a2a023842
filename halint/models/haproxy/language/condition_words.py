"""What to say of a word in a condition that is no ACL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability
from halint.light import partial
from halint.models.haproxy.language.fault import Fault
from halint.models.haproxy.language.scope import Slip
from halint.nearest import shown
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS, FETCHES, PREDEFINED
from halint.versions import known, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.models.haproxy.language.scope import Scope

_OPERATORS = {
    "and": "leave it out: ACLs that follow each other must all hold",
    "&&": "leave it out: ACLs that follow each other must all hold",
}


def unknown(name: str, at: int, start: int, scope: Scope) -> Fault:
    """What haproxy finds in `name`, from `start` on in text `at` of a condition, which is no ACL of the proxy and none
    of haproxy's."""
    if name.lower() in _OPERATORS or name in {"}", "if", "unless", "(", ")", "not"} or name[:1] == "{" or "}" in name:
        return Fault("invalid-condition", at, f"{shown(name)} has no meaning in a condition", _cure(name))
    if name in PREDEFINED:
        came = PREDEFINED[name][0][1]
        effect = f"there is no ACL {name!r} yet: haproxy has it by itself since {show(came or ())}"
        return Fault("undefined-acl", at, effect, "declare it")
    call = name.partition("(")[0]
    effect = f"no ACL {shown(name)} is declared before this line"
    if call in FETCHES or call in ACL_KEYWORDS:
        cure = f"it is a fetch: put it and its patterns into braces, `{{ {name} ... }}`"
        return Fault("undefined-acl", at, effect, cure)
    slip = Slip(name, partial(_names, scope), "declare it there", Applicability.DISPLAY)
    return Fault("undefined-acl", at, effect, slip, start=start, end=start + len(name))


def _names(scope: Scope) -> Iterator[str]:
    yield from scope.acls or ()
    yield from (name for name, entry in PREDEFINED.items() if known(entry[0], scope.version))


def _cure(name: str) -> str:
    if name.lower() in _OPERATORS:
        return _OPERATORS[name.lower()]
    if "{" in name or "}" in name:
        return "put blanks around braces, and close only what is open"
    if name == "not":
        return "put `!` before the ACL"
    if name in ("(", ")"):
        return "write an anonymous ACL in { and }, with blanks beside them"
    return "remove it"
