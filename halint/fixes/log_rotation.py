"""How a log file that rsyslog writes is rotated, in the words that fixes write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Applicability, Create, Edit, Fix
from halint.fixes import edits
from halint.fixes.additions import addition
from halint.models import logs
from halint.models.logrotate import FOLDER, is_wildcard

if TYPE_CHECKING:
    from halint.models.logrotate import Entry
    from halint.node import Node
    from halint.tree import Statement, Word

_OPTIONS = ("daily", "rotate 14", "missingok", "notifempty", "compress", "delaycompress")


def of_daemons(node: Node) -> dict[Entry, tuple[Word, str]]:
    """The entries that rotate what haproxy and keepalived log, each with the pattern and one log file that it matches.

    An entry that names a file after one of them is among these; one that logrotate drops is not.
    """
    found: dict[Entry, tuple[Word, str]] = {}
    for path in logs.files(node):
        for entry in node.logrotate.covering(path)[:1]:
            found.setdefault(entry, (entry.covers(path) or entry.patterns[0], path))
    for entry in node.logrotate.entries:
        for pattern in entry.patterns if not entry.refused else ():
            name = pattern.text.rpartition("/")[2]
            if ("haproxy" in name or "keepalived" in name) and not is_wildcard(pattern.text):
                found.setdefault(entry, (pattern, pattern.text))
    return found


def lacking(node: Node, entry: Entry, path: str) -> tuple[list[str], list[str]]:
    """The lines that `entry` lacks to be kind to its logs, and why, each to be read behind `logrotate on NAME`."""
    lines, why = [], []
    if "missingok" not in entry.options and "nomissingok" not in entry.options:
        lines.append("missingok")
        why.append(f"fails as long as {path} is not there")
    # The distributions' logrotate.conf says `rotate 4`.
    if "rotate" not in entry.options and node.logrotate.globals_known:
        lines.append("rotate 14")
        why.append(f"keeps no old {path}, since rotate is 0 by default")
        if "compress" not in entry.options and "nocompress" not in entry.options:
            lines += ["compress", "delaycompress"]
    return lines, why


def is_insecure(node: Node, path: str) -> bool:
    """Whether others than root may write to the folder of the log file `path`, so that logrotate asks for `su`.

    Ubuntu's rsyslog gives /var/log to the group syslog; Ubuntu's own logrotate.conf says `su root adm`.
    """
    ubuntu = (node.targets.os or "").startswith("ubuntu")
    return ubuntu and node.logrotate.globals_known and path.rpartition("/")[0] == "/var/log"


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


def end(script: Statement, at: int) -> Fix:
    """Put the missing `endscript` before the line at `at`, where `script` was taken to end, or at the file's end.

    Safe where the script has no braces of its own.
    """
    source = script.source
    indent = " " * (script.start - source.line_start(script.start))
    if at == len(source.text):
        change = edits.append(source, f"{indent}endscript")
    else:
        line = source.line_start(at)
        change = Edit(source, line, line, f"{indent}endscript{edits.newline(source)}")
    own = "{" in source.text[script.words[1].start : at]
    return Fix("end the script", [change], Applicability.UNSAFE if own else Applicability.SAFE)
