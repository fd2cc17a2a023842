"""Which names a wildcard pattern matches, as fnmatch(3) does it: `*` and `?` match slashes, too."""

from __future__ import annotations


def matches(pattern: str, name: str) -> bool:
    """Whether `pattern` matches the whole of `name`."""
    if "?" in pattern or "[" in pattern:
        from fnmatch import fnmatchcase

        return fnmatchcase(name, pattern.replace("[^", "[!"))  # the same to glob(7)
    first, *others = pattern.split("*")
    if not others:
        return first == name
    at, end = len(first), len(name) - len(others[-1])
    if at > end or not (name.startswith(first) and name.endswith(others[-1])):
        return False
    for part in others[:-1]:  # the first place of each leaves most for those behind it
        at = name.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
