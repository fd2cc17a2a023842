"""What to say of a tag that log formats do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.haproxy.language.scope import Instead
from halint.patterns.haproxy_samples_table import TAGS
from halint.versions import known, show

if TYPE_CHECKING:
    from halint.models.haproxy.language.scope import Cure
    from halint.versions import Lifetime, Version


def unknown(tag: str, entry: tuple[Lifetime, bool, str] | None, version: Version | None) -> tuple[str, Cure]:
    """What haproxy of `version` finds in the place of `tag`, whose row in the table is `entry`, and what to do."""
    if entry is not None and entry[2]:
        return f"the tag '%{tag}' is gone", Instead(tag, entry[2], f"write `%{entry[2]}`")
    if entry is not None and entry[0][1] is not None:
        return f"there is no tag '%{tag}' yet: it came with {show(entry[0][1])}", "upgrade, or leave it out"
    longest = max((t for t in TAGS if tag.startswith(t) and known(TAGS[t][0], version)), key=len, default="")
    near = f", or put something between `%{longest}` and the text" if longest else ""
    return f"there is no tag '%{tag}'", f"write `%%` for a percent sign{near}"
