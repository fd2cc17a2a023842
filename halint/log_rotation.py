"""How a log file that rsyslog writes is rotated, in the words that fixes write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import edits
from halint.additions import addition
from halint.finding import Applicability, Create, Edit, Fix
from halint.models.logrotate import FOLDER

if TYPE_CHECKING:
    from halint.models.logrotate import Entry
    from halint.node import Node
    from halint.tree import Statement

_OPTIONS = ("daily", "rotate 14", "missingok", "notifempty", "compress", "delaycompress")


def command(node: Node) -> str:
    """What makes rsyslogd of `node` open its files anew."""
    if node.targets.family == "debian":
        return "/usr/lib/rsyslog/rsyslog-rotate"
    return "systemctl kill -s HUP rsyslog.service >/dev/null 2>&1 || true"


def entry(node: Node, path: str) -> Edit | Create:
    """An entry for the log file `path`, in a file of its own or behind what stands in the file of that name."""
    script = ("    postrotate", f"        {command(node)}", "    endscript")
    name = f"{FOLDER}/{path.rpartition('/')[2].removesuffix('.log')}"
    return addition(node, name, f"{path} {{", *(f"    {option}" for option in _OPTIONS), *script, "}")


def signal(node: Node, covering: Entry) -> Fix | None:
    """Let rotation by the entry `covering` signal rsyslogd; None where its script or its block has no end."""
    title, script = "signal rsyslogd after the rotation", covering.options.get("postrotate")
    if script is None:
        if not covering.statement.closed:
            return None
        lines = ("postrotate", f"    {command(node)}", "endscript")
        return Fix(title, [edits.into(covering.statement, *lines)], Applicability.SAFE)
    source, text = script.source, script.words[1]
    if text.end == script.end:
        return None
    at = source.line_start(text.end)
    line = source.text[at : text.end] + "    " + command(node) + edits.newline(source)
    return Fix(title, [Edit(source, at, at, line)], Applicability.SAFE)


def end(script: Statement) -> Fix:
    """Put the missing `endscript` where the reader took `script` to end: before a line with a }, or at the file's end.

    Safe where the script has no braces of its own.
    """
    source, text = script.source, script.words[1]
    indent = " " * (script.start - source.line_start(script.start))
    if text.end == len(source.text):
        change = edits.append(source, f"{indent}endscript")
    else:
        at = source.line_start(text.end)
        change = Edit(source, at, at, f"{indent}endscript{edits.newline(source)}")
    return Fix("end the script", [change], Applicability.UNSAFE if "{" in text.text else Applicability.SAFE)
