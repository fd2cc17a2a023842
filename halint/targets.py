"""The programs that a configuration is for: versions of keepalived and haproxy, and the distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.discovery import outputs
from halint.readers.lexer import compiled
from halint.settings import SettingsError
from halint.versions import Version
from halint.versions import parse as version_of

if TYPE_CHECKING:
    from halint.source import Source

#: keepalived and haproxy of each distribution: the last update of its own repository.
DISTRIBUTIONS: dict[str, tuple[Version, Version]] = {
    "el7": ((1, 3, 5), (1, 5, 18)),
    "el8": ((2, 1, 5), (1, 8, 27)),
    "el9": ((2, 2, 8), (2, 4, 22)),
    "debian11": ((2, 1, 5), (2, 2, 9)),
    "debian12": ((2, 2, 7), (2, 6, 12)),
    "ubuntu20.04": ((2, 0, 19), (2, 0)),
    "ubuntu22.04": ((2, 2, 4), (2, 4)),
    "ubuntu24.04": ((2, 2, 8), (2, 8)),
}

#: A package in the lists of rpm and dpkg: red hat's own have the series in the name, too (haproxy26).
_RPM = r"(?m)^(keepalived|haproxy)[0-9]*-([0-9]+(?:\.[0-9]+)*)-"
_DEB = r"(?m)^[hi]i[ \t]+(keepalived|haproxy)(?::[a-z0-9]+)?[ \t]+(?:[0-9]+:)?([0-9]+(?:\.[0-9]+)*)"

#: Known by name, their versions of the programs not.
_FAMILIES = ("el", "debian", "ubuntu")
_REBUILDS = frozenset({"rhel", "centos", "rocky", "almalinux", "ol", "scientific"})


class Targets:
    """What a node's configuration is for; None is unknown, and halint/judged.py says what is assumed then.

    os: "el8", "debian12", "ubuntu22.04", or a family alone ("el", "debian").
    reasons: why, by "keepalived", "haproxy" and "os".
    """

    __slots__ = ("haproxy", "keepalived", "os", "reasons")

    def __init__(
        self,
        haproxy: Version | None = None,
        keepalived: Version | None = None,
        os: str | None = None,
        reasons: dict[str, str] | None = None,
    ) -> None:
        self.haproxy = haproxy
        self.keepalived = keepalived
        self.os = os
        self.reasons = reasons or {}

    @property
    def family(self) -> str | None:
        """ "el", "debian" (Ubuntu too) or None."""
        if self.os is None:
            return None
        return "el" if self.os.startswith("el") else "debian"


def parse(option: str) -> tuple[str, str]:
    """`KEY=VALUE` of the command line. Raises SettingsError."""
    key, equals, value = option.partition("=")
    if not equals:
        raise SettingsError(f"--target {option!r}: expected haproxy=VERSION, keepalived=VERSION or os=NAME")
    check(key, value)
    return key, value


def check(key: str, value: str) -> None:
    """Raise SettingsError unless `value` is a version, or for the key `os` a distribution."""
    if key not in {"haproxy", "keepalived", "os"}:
        raise SettingsError(f"unknown target {key!r}: expected haproxy, keepalived or os")
    if key == "os":
        if _distribution(value) is None:
            known = ", ".join([*DISTRIBUTIONS, *_FAMILIES])
            raise SettingsError(f"unknown distribution {value!r}; known are {known} and later ones of these")
    elif version_of(value) is None:
        raise SettingsError(f"{value!r} is not a version of {key}; expected one as 2.4.22")


def of_files(files: dict[str, Source], given: dict[str, tuple[str, str]]) -> Targets:
    """The targets of a node with `files`. given: value and reason by key, from halint.toml and --target.

    The distribution that the input itself names wins over a given one; a version is as given, else that of the
    package that was installed, else the distribution's.
    """
    os, why = _named_by(files)
    if os is None and "os" in given:
        os, why = _distribution(given["os"][0]), given["os"][1]
    if os is None:
        os, why = _by_paths(files)
    targets = Targets(os=os, reasons={"os": why})
    packaged = DISTRIBUTIONS.get(os or "")
    installed = _installed(files)
    for number, key in enumerate(("keepalived", "haproxy")):
        if key in given:
            version, reason = version_of(given[key][0]), given[key][1]
        elif key in installed:
            version, reason = installed[key]
        elif packaged:
            version, reason = packaged[number], f"the package of {os}"
        else:
            version, reason = None, "nothing says which"
        setattr(targets, key, version)
        targets.reasons[key] = reason
    return targets


def _named_by(files: dict[str, Source]) -> tuple[str | None, str]:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        if path in files:
            fields = dict(compiled(r"(?m)^([A-Z_]+)=[\"']?([^\"'\r\n]*)").findall(files[path].text))
            os = _distribution(fields.get("ID", "") + fields.get("VERSION_ID", ""))
            if os:
                return os, f"{files[path].path} says so"
    for path in ("/etc/redhat-release", "/etc/centos-release", "/etc/rocky-release", "/etc/almalinux-release"):
        if path in files and (found := compiled(r"release ([0-9]+)").search(files[path].text[:200])):
            return "el" + found[1], f"{files[path].path} says so"
    path = "/etc/debian_version"
    if path in files and (found := compiled(r"[0-9]+").match(files[path].text)):
        return "debian" + found[0], f"{files[path].path} says so"
    return None, ""


def _installed(files: dict[str, Source]) -> dict[str, tuple[Version, str]]:
    """The versions of the packages that a list in the input says to be installed, each with the reason."""
    found: dict[str, tuple[Version, str]] = {}
    for path, pattern in ((outputs.RPMS, _RPM), (outputs.DEBS, _DEB)):
        if path in files:
            for name, text in compiled(pattern).findall(files[path].text):
                version = version_of(text)
                if version is not None:
                    found[name] = version, f"{files[path].path} says so"
    return found


def _by_paths(files: dict[str, Source]) -> tuple[str | None, str]:
    for family, folder in (("el", "/etc/sysconfig/"), ("debian", "/etc/default/")):
        for path in files:
            if path.startswith(folder):
                return family, f"it has {path}"
    return None, "nothing in the input says which"


def _distribution(text: str) -> str | None:
    """The one name for a distribution written as `rhel8.9`, `el8`, `Debian 12` or `ubuntu-22.04`."""
    found = compiled(r"([a-z]+)[ -]?([0-9]+)?((?:\.[0-9]+)*)").fullmatch(text.lower())
    if not found:
        return None
    name, major, minor = found[1], found[2] or "", found[3]
    if name in _REBUILDS or name == "el":
        return "el" + major
    if name == "debian":
        return "debian" + major
    return "ubuntu" + major + minor if name == "ubuntu" else None
