"""Holds halint's findings against a daemon's verdicts, and counts.

Where one mistake makes a daemon complain over and over, halint has one finding, at the mistake, whose related places
name the lines that are misread because of it, or that are wrong for the same reason. A message on such a line counts as
found: a finding shows it. Only for the first message of a file the finding, or one of the places that it points at,
has to stand on that very line; of all messages, those with a finding on their own line are counted beside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from candidate import Remark
from inputs import Input
from verdict import Message, Verdict

from halint.finding import Severity


class Judged(NamedTuple):
    """One file with both opinions."""

    input: Input
    verdict: Verdict
    remarks: list[Remark]

    @property
    def rejected_by_halint(self) -> bool:
        """keepalived's messages have no levels: there, a warning will do."""
        least = Severity.ERROR if self.input.kind == "haproxy" else Severity.WARNING
        return any(remark.severity >= least for remark in self.remarks)

    @property
    def false_error(self) -> bool:
        """An error on a file that the daemon accepts, whatever it warns of."""
        return self.verdict.status == "accepted" and any(r.severity is Severity.ERROR for r in self.remarks)

    @property
    def false_alarm(self) -> bool:
        """Anything above a hint on a file of which the daemon says nothing."""
        return self.verdict.clean and any(r.severity >= Severity.WARNING for r in self.remarks)

    @property
    def first_message(self) -> Message | None:
        """The first message that names a line."""
        return next((m for m in self.verdict.messages if m.line is not None), None)

    @property
    def unmatched(self) -> list[Message]:
        """The messages without a finding that shows their line or, where they name none, stands in the section that
        they name; where they name neither, without a finding that no other message accounts for."""
        return self._without_finding(Remark.holds)

    @property
    def without_own_line(self) -> list[Message]:
        """The same, but that a message which names a line has to have a finding on that very line."""
        return self._without_finding(lambda remark, line: remark.line == line)

    def _without_finding(self, shows: Callable[[Remark, int], bool]) -> list[Message]:
        """shows: whether a finding shows a line."""
        least = Severity.INFO if self.input.kind == "haproxy" else Severity.WARNING
        remarks = [remark for remark in self.remarks if remark.severity >= least]
        lines = [remark.line for remark in remarks]
        placed = {message.line for message in self.verdict.messages}
        free = sum(line not in placed for line in lines)
        missing = []
        for message in self.verdict.messages:
            if message.line is not None:
                found = any(shows(remark, message.line) for remark in remarks)
            elif sections := _sections(message.text, self.input):
                found = any(line in section for line in lines for section in sections)
            else:
                found, free = free > 0, free - 1
            if not found:
                missing.append(message)
        return missing


_HEADS = {
    "haproxy": re.compile(
        rb"^[ \t]*(?:global|defaults|frontend|backend|listen|peers|resolvers|userlist|mailers|cache|ring|program"
        rb"|fcgi-app|http-errors|log-forward)(?:[ \t]+([^ \t\r\n#]+))?[^\n]*",
        re.M,
    ),
    "keepalived": re.compile(
        rb"^[ \t]*(?:global_defs|vrrp_\w+|static_\w+|virtual_server\w*|bfd_instance)(?:[ \t]+([^ \t\r\n#!{}]+))?[^\n]*",
        re.M,
    ),
}
_NAMED = {
    "haproxy": re.compile(r"'(?:server |peers )?([^'/\n]+)(?:/[^'\n]*)?'"),
    "keepalived": re.compile(
        r"^\(([^()\n]+)\)|script (\S+)|^(\S+) and (\S+) both|[Ss]ync group ([^\s,.]+)|conflict with (\S+)"
    ),
}


def _sections(text: str, one: Input) -> list[range]:
    """The lines of each section of the file that the message `text` names."""
    names = {name.encode("utf-8", "surrogateescape") for found in _NAMED[one.kind].findall(text)
             for name in ([found] if isinstance(found, str) else found) if name}  # fmt: skip
    heads = list(_HEADS[one.kind].finditer(one.data))
    ends = [*(head.start() for head in heads[1:]), len(one.data)]
    return [
        range(one.data.count(b"\n", 0, head.start()) + 1, one.data.count(b"\n", 0, end) + 2)
        for head, end in zip(heads, ends, strict=False)
        if head[1] in names
    ]


class Counts(NamedTuple):
    """Numbers of files and, where the name says so, of messages. messages_on_line: found on their own line, or where
    they name none."""

    files: int
    accepted: int
    false_errors: int
    clean: int
    false_alarms: int
    rejected: int
    rejections_found: int
    first_messages: int
    first_messages_found: int
    messages: int
    messages_found: int
    messages_on_line: int
    no_verdict: int


def count(judged: Iterable[Judged]) -> Counts:
    every = list(judged)
    told = [one for one in every if one.verdict.status != "none"]
    firsts = [(message.line, one) for one in told if (message := one.first_message) is not None]
    return Counts(
        files=len(every),
        accepted=sum(one.verdict.status == "accepted" for one in every),
        false_errors=sum(one.false_error for one in every),
        clean=sum(one.verdict.clean for one in every),
        false_alarms=sum(one.false_alarm for one in every),
        rejected=sum(one.verdict.status == "rejected" for one in every),
        rejections_found=sum(one.verdict.status == "rejected" and one.rejected_by_halint for one in every),
        first_messages=len(firsts),
        first_messages_found=sum(
            line is not None and any(r.points_at(line) for r in one.remarks) for line, one in firsts
        ),
        messages=sum(len(one.verdict.messages) for one in told),
        messages_found=sum(len(one.verdict.messages) - len(one.unmatched) for one in told),
        messages_on_line=sum(len(one.verdict.messages) - len(one.without_own_line) for one in told),
        no_verdict=sum(one.verdict.status == "none" for one in every),
    )


def misses(judged: Iterable[Judged]) -> Iterator[tuple[str, Judged]]:
    """The files on which both differ, each with how."""
    for one in judged:
        if one.false_error:
            yield "false error", one
        elif one.false_alarm:
            yield "false alarm", one
        elif one.verdict.status == "rejected" and not one.rejected_by_halint:
            yield "not rejected", one
        elif one.verdict.status != "none" and one.unmatched:
            yield "message not found", one
