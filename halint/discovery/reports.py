"""Several sos reports of one machine: as it was at several times it is no cluster of several nodes."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from halint.discovery import outputs
from halint.discovery.walk import in_archive
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.discovery.layout import Layout, Reader

_ADDRESSES = outputs.FOLDER + "networking/ip_-o_addr"
#: The first address that is not the loopback's: nobody's but the machine's own.
_OWN = r"(?m)^[0-9]+:[ \t]+(?!lo[ \t])[^ \t\r\n]+[ \t]+inet[ \t]+([0-9.]+)"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def latest(layouts: list[Layout], text: Reader) -> tuple[list[Layout], list[tuple[Layout, str]]]:
    """Those of `layouts` that are no sos report, or the last one of their machine; and the others, each with why.

    A report is of the same machine where it has the same name (an archive beside what was unpacked of it), or the
    same host name and the same first address.
    """
    # What was unpacked can be fixed.
    reports = sorted((one for one in layouts if one.archive), key=lambda one: in_archive(one.root or ""))
    if len(reports) < 2:
        return layouts, []
    dropped: dict[int, tuple[Layout, str]] = {}
    named: dict[str, Layout] = {}
    machines: dict[tuple[str, str], list[Layout]] = {}
    for layout in reports:
        if named.setdefault(_name(layout), layout) is not layout:
            dropped[id(layout)] = layout, "it is the same sos report as another"
            continue
        entry = layout.files.get(_ADDRESSES)
        own = compiled(_OWN).search(text(entry)) if entry is not None else None
        if own is not None:
            machines.setdefault((layout.name, own[1]), []).append(layout)
    for same in machines.values():
        last = max(same, key=_date)
        for layout in same:
            if layout is not last:
                dropped[id(layout)] = layout, f"there is a later sos report of {layout.name}"
    return [layout for layout in layouts if id(layout) not in dropped], list(dropped.values())


def _name(layout: Layout) -> str:
    return basename(layout.folder).removesuffix("!").partition(".tar")[0].removesuffix("-obfuscated")


def _date(layout: Layout) -> tuple[str, str]:
    found = compiled(_DATE).search(_name(layout))
    return found[0] if found else "", _name(layout)
