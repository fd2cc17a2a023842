"""Ask a haproxy what it takes where, for the table of its language.  Usage: python scripts/probe_haproxy.py BINARY

Writes scripts/facts/haproxy/probe/VERSION.txt: each keyword of keywords.txt, with the arguments of examples.txt, in
each kind of section, a line of its own in a file of its own, by the message that `haproxy -c` has for that line.
Keywords that the program was built without (`haproxy -vv`) come out as unknown: build_tables.py takes no word for that.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import haproxy_table

_LEGEND = """\
# What haproxy {version} says of each keyword, with valid arguments, by scripts/probe_haproxy.py.
#   .  takes it   i  ignores it with a warning   x  refuses it there   d  takes it, and warns that it is deprecated
#   r  refuses it: removed   u  does not know it   -  not tried
# Proxies: defaults, defaults with a name, frontend, listen, backend; then `no` and `default` before it, in a listen.
# global: itself, then `no` and `default` before it. Others: itself.
"""

_FRAMES = {
    "defaults": "defaults\n    {}\nfrontend f\n    bind 127.0.0.1:65000\n",
    "named-defaults": "defaults d\n    {}\nfrontend f from d\n    bind 127.0.0.1:65000\n",
    "frontend": "frontend f\n    bind 127.0.0.1:65000\n    {}\n",
    "listen": "listen l\n    bind 127.0.0.1:65000\n    {}\n",
    "backend": "backend b\n    {}\n",
    "global": "global\n    {}\n",
    "bind": "frontend f\n    bind 127.0.0.1:65000 {}\n",
    "server": "backend b\n    server s 127.0.0.1:65000 {}\n",
    "acme": "global\n    expose-experimental-directives\nacme x\n    {}\n",
    "traces": "traces\n    {}\n",
}
#: Rules that are tried with their actions, and one action that is always there: its verdicts are those of the rule.
_RULES = {
    "http-request": "set-header a b",
    "http-response": "set-header a b",
    "http-after-response": "set-header a b",
    "quic-initial": "reject",
    "tcp-request connection": "accept",
    "tcp-request session": "accept",
    "tcp-request content": "accept",
    "tcp-response content": "accept",
}

#: What the message of each verdict looks like; the first that is found counts.
_VERDICTS = (
    ("r", r"not supported any ?more|doesn't exist any ?more|support for .* was removed|is no longer supported|"
          r"has been removed|deprecated.*removed since"),
    ("u", r"unknown (?:keyword|option|stats parameter|parameter|statement|argument|persist method|declaration)|"
          r"(?:expects|supports|accepts) '.*\bgot '|only supports '[a-z-]+'(?:, '[a-z-]+')* (?:\(got|but got|and)|"
          r"only supports (?:'[a-z-]+'[, .]*)+but got|"
          r"'compression' expects|'stick' expects 'on'|'capture' expects 'cookie'"),
    ("x", r"not allowed|only available in|not available in|is only allowed in|is not supported in|"
          r"proxy '[^']*' has no frontend capability$|negation/default|not supported for|no' / 'default"),
    ("i", r"ignored because|will be ignored because|directive is ignored|has no effect"),
    ("d", r"deprecated"),
)  # fmt: skip


def main(binary: str) -> None:
    said = subprocess.run([binary, "-v"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"version ([0-9.]+)", said)[1]  # type: ignore[index]
    with tempfile.TemporaryDirectory() as folder:
        text = _LEGEND.format(version=version) + "".join(rows(Probe(binary, Path(folder) / "haproxy.cfg")))
    (haproxy_table.FACTS / "probe" / f"{version}.txt").write_text(text, encoding="utf-8")


class Probe:
    """A program and the file that it is shown."""

    def __init__(self, binary: str, file: Path) -> None:
        self.binary = binary
        self.file = file

    def ask(self, frame: str, line: str) -> str:
        """The verdict of the program on `line` in `frame`."""
        number = frame[: frame.index("{}")].count("\n") + 1
        self.file.write_text(frame.format(line), encoding="utf-8")
        command = [self.binary, "-c", "-f", str(self.file)]
        errors = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stderr
        own = f"[{self.file}:{number}]"
        return verdict([message for message in errors.split("\n[") if own in message])


def verdict(messages: list[str]) -> str:
    """The verdict that the `messages` on a line say."""
    for letter, pattern in _VERDICTS:
        for message in messages:
            if re.search(pattern, message.rstrip()):
                return letter
    return "."


def rows(probe: Probe) -> Iterator[str]:
    for group, keywords in haproxy_table.keywords()[1].items():
        if group == "section":
            continue
        lines = examples(group, list(keywords))
        yield f"\n[{group}]\n"
        for keyword in keywords:
            yield f"{_row(probe.ask, group, keyword, lines.get(keyword, keyword.rstrip('*')))} {keyword}\n"


def _row(ask: Callable[[str, str], str], group: str, keyword: str, line: str) -> str:
    if group == "global":
        return "".join(ask(_FRAMES[group], words + line) for words in ("", "no ", "default "))
    if group != "proxy":
        return ask(_FRAMES.get(group, group + " x\n    {}\n"), line)
    if keyword.startswith(tuple(f"{rule} " for rule in _RULES)):
        return "---" + ask(_FRAMES["listen"], line) + "---"
    if keyword in _RULES:
        line = f"{keyword} {_RULES[keyword]}"
    plain = "".join(ask(_FRAMES[kind], line) for kind in haproxy_table.KINDS)
    return plain + "".join(ask(_FRAMES["listen"], words + line) for words in ("no ", "default "))


def examples(group: str, keywords: list[str]) -> dict[str, str]:
    """The line of examples.txt for each of the `keywords` of `group` that has one."""
    found: dict[str, str] = {}
    section = ""
    by_length = sorted((keyword.rstrip("*") for keyword in keywords), key=len, reverse=True)
    whole = {keyword.rstrip("*"): keyword for keyword in keywords}
    for line in haproxy_table.lines(haproxy_table.FACTS / "examples.txt"):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == group:
            name = next((k for k in by_length if f"{line} ".replace("(", " ").startswith(f"{k} ")), "")
            found.setdefault(whole.get(name, name), line)
    return found


if __name__ == "__main__":
    main(sys.argv[1])
