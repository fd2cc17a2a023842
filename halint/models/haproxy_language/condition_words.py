"""What to say of a word in a condition that is no ACL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.nearest import shown
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS, FETCHES, PREDEFINED
from halint.versions import known, show

if TYPE_CHECKING:
    from halint.models.haproxy_language.scope import Scope
    from halint.tree import Word

_OPERATORS = {
    "and": "leave it out: ACLs that follow each other must all hold",
    "&&": "leave it out: ACLs that follow each other must all hold",
}


def unknown(name: str, word: Word, scope: Scope) -> None:
    """Complain of `name`, which is no ACL of the proxy and none of haproxy's."""
    if name.lower() in _OPERATORS or name in {"}", "if", "unless", "(", ")", "not"} or name[:1] == "{" or "}" in name:
        scope.complain("invalid-condition", word, f"{name!r} has no meaning in a condition", _cure(name))
        return
    if name in PREDEFINED:
        came = PREDEFINED[name][0][1]
        effect = f"there is no ACL {name!r} yet: haproxy has it by itself since {show(came)}" if came else "it is gone"
        scope.complain("undefined-acl", word, effect, "declare it")
        return
    names = [*(scope.acls or ()), *(n for n, entry in PREDEFINED.items() if known(entry[0], scope.version))]
    near = scope.nearest(name, names, 0.6)
    call = name.partition("(")[0]
    cure = f"{near!r} was meant?" if near else "declare it there"
    if call in FETCHES or call in ACL_KEYWORDS:
        cure = f"it is a fetch: put it and its patterns into braces, `{{ {name} ... }}`"
    scope.complain("undefined-acl", word, f"no ACL {shown(name)} is declared before this line", cure)


def _cure(name: str) -> str:
    if name.lower() in _OPERATORS:
        return _OPERATORS[name.lower()]
    if "{" in name or "}" in name:
        return "put blanks around braces, and close only what is open"
    if name == "not":
        return "put `!` before the ACL"
    return "remove it"
