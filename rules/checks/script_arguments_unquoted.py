"""KA423; its page is script_arguments_unquoted.md."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from halint.finding import Applicability, Edit, Finding, Fix, Severity
from halint.models import check_faults
from halint.models.keepalived import Keepalived
from halint.models.keepalived.tracking import arguments
from halint.node import Node
from halint.readers.lexer import compiled
from halint.rule import Rule
from halint.tree import Statement, Word

#: Lines that name a command, and after it a user and a group.
_NOTIFY = frozenset(
    {
        "notify", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted",
        "notify_master_rx_lower_pri", "notify_up", "notify_down", "quorum_up", "quorum_down",
    }
)  # fmt: skip
#: Lines that name a command alone, with the block that they stand in.
_COMMANDS = frozenset({("script", "vrrp_script"), ("misc_path", "MISC_CHECK")})
_STATES = frozenset({"master", "backup", "fault", "stop", "deleted", "up", "down", "instance", "group"})

#: Arguments change nothing for these.
_DEAF = frozenset({"true", "false", ":"})

_CURLY = 'these quotes are none to keepalived, write "'


class ScriptArgumentsUnquoted(Rule):
    """A command and its arguments are not in quotes, so keepalived runs it without them."""

    code = "KA423"
    severity = Severity.ERROR
    oracle = "lab"

    def check_node(self, node: Node) -> Iterator[Finding]:
        model = node.keepalived
        if model is None:
            return
        for statement in _commands(model):
            words = arguments(statement)
            if len(words) < 2 or not _left_out(statement, words, node):
                continue
            message, label, severity = _consequence(statement, words)
            yield self.finding(
                f"{message}; {_CURLY if _is_curly(words) else 'put the whole command in quotes'}",
                node,
                words[0],
                label=label,
                fix=_fix(words),
                severity=severity,
            )


def _commands(model: Keepalived) -> Iterator[Statement]:
    """The lines that name a command."""
    for statement in model.inner(*_NOTIFY, *(keyword for keyword, _ in _COMMANDS)):
        parent = statement.parent.keyword if statement.parent else None
        if statement.keyword in _NOTIFY or (statement.keyword, parent) in _COMMANDS:
            yield statement


def _left_out(statement: Statement, words: list[Word], node: Node) -> bool:
    """Whether the words after the first were certainly meant for the command."""
    if statement.keyword not in _NOTIFY:
        return posixpath.basename(words[0].text) not in _DEAF
    user, passwd = words[1].text, node.files.get("/etc/passwd")
    if passwd is not None:
        return not any(line.startswith(f"{user}:") for line in passwd.text.split("\n"))
    return user.lower() in _STATES or not _is_name(user)


def _is_name(text: str) -> bool:
    """Whether `text` may be the name of an account (useradd(8)); keepalived takes no number (measured)."""
    return compiled(r"[A-Za-z_][A-Za-z0-9_.-]*\$?").fullmatch(text) is not None


def _consequence(statement: Statement, words: list[Word]) -> tuple[str, str, Severity]:
    """What becomes of the line, in a sentence and in short, and how bad that is."""
    command = words[0].text
    if statement.keyword in _NOTIFY:
        taken = f"since it takes {words[1].text} for the user to run it as"
        return f"keepalived never runs {command}, {taken}", "never runs", Severity.WARNING
    message, name = f"keepalived runs {command} without its arguments", posixpath.basename(command)
    if name in check_faults.FAILS:
        return f"{message}, which always fails", "all that runs", Severity.ERROR
    if name in check_faults.SUCCEEDS:
        return f"{message}, which always succeeds: nothing is checked", "all that runs", Severity.ERROR
    return message, "all that runs", Severity.WARNING


def _is_curly(words: list[Word]) -> bool:
    """Whether the words stand in typographic quotes."""
    return words[0].text.startswith("“") and words[-1].text.endswith("”")


def _fix(words: list[Word]) -> Fix | None:
    """One pair of quotes around all words; within them single quotes hold together what has blanks (measured)."""
    texts = [word.text for word in words]
    if _is_curly(words):
        texts[0], texts[-1] = texts[0][1:], texts[-1][:-1]
    if any(sign in text for text in texts for sign in "\"'\\“”"):
        return None
    command = " ".join(f"'{text}'" if compiled("[ \t]").search(text) else text for text in texts)
    edit = Edit(words[0].source, words[0].start, words[-1].end, f'"{command}"')
    return Fix("put the command in quotes", [edit], Applicability.SAFE)
