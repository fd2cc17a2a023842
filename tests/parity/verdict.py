"""What a daemon said of a file."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """level: "alert" or "warning"; keepalived has no levels: "message". line: of the file judged, or None."""

    level: str
    line: int | None
    text: str


class Verdict(NamedTuple):
    """status: "accepted", "rejected" or "none". first: the exit status of the first run, with nothing supplied,
    and its messages. messages: what remained about the text once the host's part was supplied.

    "none": it crashed, hung, or complained of nothing but the host. keepalived's exit status does not tell a
    fatal fault from one it lives with: with messages, it is "rejected".
    """

    status: str
    messages: tuple[Message, ...]
    first: tuple[int, tuple[Message, ...]]
    supplied: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Accepted without a word."""
        return self.status == "accepted" and not self.messages
