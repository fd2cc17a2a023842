"""What keepalived does not take of its file, as rules report it."""

from __future__ import annotations

from halint.finding import Located
from halint.models.keepalived.language.arguments import Fault
from halint.models.keepalived.language.keywords import Keyword
from halint.tree import Statement, Word

#: How much of a word a message shows.
_LONGEST = 60


class Complaint:
    """One thing that keepalived does not take.

    kind: "unknown-keyword" (keyword is None), "too-new", "no-block" (a { behind a keyword that opens none),
        "no-brace" (a block without {), "unknown-word" or "new-word" (of a line), "missing", "invalid", "range",
        "extra", "lacks" (a block without what it needs, or a line), "empty" (a block), "repeated" (and ignored),
        "again" (a scalar: the last counts, unsaid) or "deprecated".
    at: where. statement: which. block: the path of the block that it stands in, "" outside all; opened: that block's
    statement. keyword: of the statement, or for a line of the block that holds it. fault: of an argument.
    wanted: what is missing, or what replaces it. effect: what keepalived does instead. first: the earlier statement
    of a repeated one. fatal: whether keepalived stops there, and does not start.
    """

    __slots__ = ("at", "block", "effect", "fatal", "fault", "first", "keyword", "kind", "opened", "statement", "wanted")

    def __init__(
        self,
        kind: str,
        at: Located,
        statement: Statement,
        *,
        block: str = "",
        opened: Statement | None = None,
        keyword: Keyword | None = None,
        fault: Fault | None = None,
        wanted: str = "",
        effect: str = "",
        first: Statement | None = None,
        fatal: bool = False,
    ) -> None:
        self.kind = kind
        self.at = at
        self.statement = statement
        self.block = block
        self.opened = opened
        self.keyword = keyword
        self.fault = fault
        self.wanted = wanted
        self.effect = effect
        self.first = first
        self.fatal = fatal

    @property
    def word(self) -> Word:
        """The word at which it stands; the keyword, where it stands at none."""
        return self.at if isinstance(self.at, Word) else self.statement.words[0]

    @property
    def at_text(self) -> str:
        """The word at which it stands, as keepalived sees it."""
        return self.at.text if isinstance(self.at, Word) else ""

    @property
    def name(self) -> str:
        """The word in question, as keepalived sees it; of a very long one the beginning."""
        text = self.at_text if self.fault else self.statement.keyword
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
