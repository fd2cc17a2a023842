"""Reads rule pages: the examples that documentation and tests share."""

from __future__ import annotations

import re
from pathlib import Path

HEADINGS = (
    "What it does",
    "Why is this bad",
    "Bad",
    "Good",
    "Fix safety",
    "Known limits",
    "Evidence",
    "References",
)

_SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.M | re.S)
_BLOCK = re.compile(r"^```(\S+)(?: +([^\n]*))?\n(.*?)^```$", re.M | re.S)


class Example:
    """A `## Bad: ...` or `## Good: ...` of a page.

    files: the text by path. modes: of those that say one (`mode=666`). links: symbolic links, their targets by
    path. findings: what `check` prints. fix: the options of `fix` and the diff that it prints, or None.
    """

    def __init__(self, code: str, heading: str, body: str) -> None:
        self.code = code
        self.kind, _, self.title = heading.partition(": ")
        self.files: dict[str, str] = {}
        self.modes: dict[str, int] = {}
        self.links: dict[str, str] = {}
        self.findings: list[str] = []
        self.fix: tuple[list[str], str] | None = None
        for language, info, text in _BLOCK.findall(body):
            first, *options = info.split()
            if (language, first) == ("text", "findings"):
                self.findings.append(text)
            elif (language, first) == ("diff", "fix"):
                assert self.fix is None, f"{code}: two fixes in {heading}"
                self.fix = options, text
            elif language == "link":
                self.links[first] = text.strip()
            else:
                text = text.removesuffix("\n") if "no-final-newline" in options else text
                self.files[first] = text.replace("\n", "\r\n") if "crlf" in options else text
                for option in options:
                    if option.startswith("mode="):
                        self.modes[first] = int(option.removeprefix("mode="), 8)

    def lay_out(self, folder: Path) -> None:
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            if name in self.modes:
                path.chmod(self.modes[name])
        for name, target in self.links.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)


def sections(page: str) -> list[tuple[str, str]]:
    """The `##` sections of a page: heading and body."""
    # A heading inside a fenced block is a comment of some configuration.
    hidden = _BLOCK.sub(lambda found: re.sub(r"^## ", "\0\\g<0>", found[0], flags=re.M), page)
    return [(heading, body.replace("\0", "")) for heading, body in _SECTION.findall(hidden)]


def examples(code: str, page: str) -> list[Example]:
    return [Example(code, heading, body) for heading, body in sections(page) if heading.startswith(("Bad: ", "Good: "))]
