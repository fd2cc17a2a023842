"""How systemd and its relatives choose among files of one name in several folders (systemd.unit(5), sysctl.d(5))."""

from __future__ import annotations

from collections.abc import Iterable

#: Where units stand, those of the machine's owner first.
UNIT_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")


def by_name(paths: Iterable[str], folders: tuple[str, ...]) -> dict[str, str]:
    """The `.conf` files of `paths` right in `folders`, by name: an earlier folder hides the name in a later one."""
    found: dict[str, str] = {}
    paths = list(paths)
    for folder in folders:
        for path in paths:
            head, _, name = path.rpartition("/")
            if head == folder and name.endswith(".conf"):
                found.setdefault(name, path)
    return found
