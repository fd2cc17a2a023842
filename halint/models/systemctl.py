"""What systemctl said of a node's units when it was captured: which start at boot, and which ran.

`systemctl list-unit-files` prints a unit, its state and, since systemd 220, its preset; `systemctl list-units` what is
loaded, with a mark before what failed, and without --all only what is active, failed or waits for a job (systemctl(1);
systemd 219 of EL 7 to 252 of Debian 12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.readers.lexer import compiled
from halint.tree import Word

if TYPE_CHECKING:
    from halint.node import Node

_FOLDER = "/sos_commands/systemd/"
_UNIT_FILE = r"(?m)^([^ \t\r\n]+\.[a-z]+)[ \t]+([a-z-]+)(?=[ \t\r\n]|\Z)"
_UNIT = (
    r"(?m)^[ \t]*(?:[^\w \t\r\n-][ \t]+)?([^ \t\r\n]+\.[a-z]+)[ \t]+(?:loaded|masked|error|bad-setting)[ \t]+"
    r"([a-z]+)[ \t]+[a-z-]+(?=[ \t\r\n]|\Z)"
)
#: By the state of a unit file, whether a target wants it after a boot; of others that cannot be said.
_WANTED = {"enabled": True, "enabled-runtime": False, "disabled": False, "masked": False}


class Systemctl:
    """files: the state of each unit file, as systemctl words it (`enabled`, `masked`); empty where it was not captured.
    units: whether each unit that was listed was `active`, `inactive`, `failed` or between these. Each is the word."""

    __slots__ = ("files", "units")

    def __init__(self, node: Node) -> None:
        self.files = _words(node, _UNIT_FILE, "systemctl_list-unit-files")
        self.units = _words(node, _UNIT, "systemctl_list-units_--all", "systemctl_list-units")

    def enabled(self, unit: str) -> bool | None:
        """Whether `unit` starts at boot, False where there is none of that name; None where it was not captured, and
        where another unit decides."""
        if not self.files:
            return None
        word = self.files.get(unit)
        return False if word is None else _WANTED.get(word.text)

    def state(self, unit: str) -> tuple[str | None, Word | None]:
        """Whether `unit` was "active", "failed" or "inactive", and where that is said; (None, None) where neither was,
        or where it was not captured."""
        word = self.units.get(unit)
        if word is not None:
            return (word.text, word) if word.text in ("active", "failed", "inactive") else (None, None)
        installed = self.files.get(unit)
        return ("inactive", installed) if self.units and installed is not None else (None, None)


def _words(node: Node, pattern: str, *names: str) -> dict[str, Word]:
    """What the first of the outputs says of each unit."""
    for name in names:
        source = node.files.get(_FOLDER + name)
        if source is not None:
            return {
                found[1]: Word(source, found.start(2), found.end(2))
                for found in compiled(pattern).finditer(source.text)
            }
    return {}
