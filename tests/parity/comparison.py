"""Holds halint's findings against a daemon's verdicts, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
        """The messages without a finding: on their line or, where they name none, one that no other accounts for."""
        least = Severity.INFO if self.input.kind == "haproxy" else Severity.WARNING
        lines = [remark.line for remark in self.remarks if remark.severity >= least]
        placed = {m.line for m in self.verdict.messages if m.line is not None}
        free = sum(line not in placed for line in lines)
        missing = []
        for message in self.verdict.messages:
            if message.line is None:
                free -= 1
            if free < 0 if message.line is None else message.line not in lines:
                missing.append(message)
        return missing


class Counts(NamedTuple):
    """Numbers of files and, where the name says so, of messages."""

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
        first_messages_found=sum(any(remark.line == line for remark in one.remarks) for line, one in firsts),
        messages=sum(len(one.verdict.messages) for one in told),
        messages_found=sum(len(one.verdict.messages) - len(one.unmatched) for one in told),
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
