"""What to say of a fetch or a converter that haproxy does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.light import partial
from halint.models.haproxy.language.scope import Cure, Slip
from halint.patterns.haproxy_samples_table import ACL_KEYWORDS, CONVERTERS, FETCHES
from halint.versions import known, show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from halint.versions import Version


def unknown(name: str, forms: tuple[Any, ...] | None, version: Version | None, kind: str) -> tuple[str, Cure]:
    """What haproxy of `version` finds in the place of the `kind` ("fetch", "converter"), and what to do."""
    if not name:
        return f"a {kind} is missing", f"name a {kind}, or remove the comma"
    for form in forms or ():
        _, by, _, gone = form[0]
        if gone is not None and known((None, None, None, gone), version) is False:
            return f"the {kind} {name!r} is gone since {show(gone)}", "use what replaced it"
        if by is not None:
            return f"there is no {kind} {name!r} yet: it came with {show(by)}", "upgrade, or do without it"
    return f"there is no {kind} {name!r}", Slip(name, partial(_names, version, kind), _otherwise(name, kind))


def _otherwise(name: str, kind: str) -> str:
    if name in (CONVERTERS if kind == "fetch" else FETCHES):
        return "it is a converter, and needs a fetch before it" if kind == "fetch" else "it is a fetch"
    return "correct it"


def _names(version: Version | None, kind: str) -> Iterator[str]:
    table: dict[str, Any] = FETCHES if kind == "fetch" else CONVERTERS
    yield from (name for name, shapes in table.items() if any(known(shape[0], version) for shape in shapes))
    if kind == "fetch":
        yield from ACL_KEYWORDS
