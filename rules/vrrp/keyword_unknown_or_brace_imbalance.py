"""KA139; its page is keyword_unknown_or_brace_imbalance.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.light import bisect_left
from halint.misread import misread
from halint.models.keepalived.language.complaint import Complaint
from halint.models.keepalived.language.limits import LONGEST, long_lines
from halint.models.keepalived.language.wording import Guesses, elsewhere, head, renamed, subject
from halint.node import Node
from halint.rule import Rule
from halint.source import Place
from halint.tree import Statement


class KeywordUnknownOrBraceImbalance(Rule):
    """A keyword that keepalived does not know where it stands, or a brace that opens or closes something else."""

    code = "KA139"
    severity = Severity.ERROR
    oracle = "keepalived-t"

    def check_node(self, node: Node) -> Iterator[Finding]:
        guesses = Guesses()
        model = node.keepalived
        for place in long_lines(model.sources) if model else ():
            what = f"reads {LONGEST} bytes of a line, and takes what is behind for another line; break the line"
            yield self.finding(f"keepalived on {node.name} {what}", node, place, severity=Severity.WARNING)
        for complaint in model.complaints if model else ():
            if complaint.kind == "unknown-keyword":
                yield self._unknown(node, complaint, guesses)
            elif complaint.kind == "no-block":
                yield self._finding(node, complaint, f"{complaint.at_text} opens no block")
            elif complaint.kind == "no-brace":
                yield self.finding(
                    f"{complaint.name} on {node.name} needs a block, and no {{ follows: keepalived takes what comes "
                    "next for its lines, up to the next }; write the { and its }",
                    node,
                    complaint.at,
                    label="no { behind it",
                    related=_without_brace(node, complaint.statement),
                )
            elif complaint.kind == "unknown-word":
                yield self._unknown_word(node, complaint, guesses)

    def _unknown(self, node: Node, complaint: Complaint, guesses: Guesses) -> Finding:
        meant = guesses.keyword(complaint.name, complaint.block)
        fix = renamed(complaint, meant, Applicability.UNSAFE) if meant else None
        if meant:
            what = f"{complaint.name} is no keyword of {head(complaint.opened)}; did you mean {meant}?"
        elif place := elsewhere(complaint.name):
            what = f"{complaint.name} is no keyword of {head(complaint.opened)}; move it {place}, or remove it"
        else:
            what = f"{complaint.name} is no keyword in any version since 1.3.5; correct or remove it"
        return self._finding(node, complaint, what, fix)

    def _unknown_word(self, node: Node, complaint: Complaint, guesses: Guesses) -> Finding:
        """Said with the likeliest word, or with all that could stand there where these are few."""
        assert complaint.fault is not None
        words, fix = complaint.fault.part.words(), None
        expected = f"expected {complaint.wanted}" if len(words) < 10 else "it takes none of that name"
        if meant := guesses.word(complaint.name, complaint.wanted, words):
            expected = f"did you mean {meant}?"
            fix = edits.writing(complaint.word, meant)
        message = f"keepalived on {node.name} does not know {subject(complaint)}: {expected}"
        return self.finding(message, node, complaint.at, severity=Severity.WARNING, fix=fix)

    def _finding(self, node: Node, complaint: Complaint, what: str, fix: Fix | None = None) -> Finding:
        """What is lost: the line or, where a block follows, its lines and the rest of the block around it."""
        statement, around = complaint.statement, complaint.opened
        if statement.body is None:
            message = f"keepalived on {node.name} ignores this line: {what}"
            return self.finding(message, node, complaint.at, label="ignored", fix=fix, severity=Severity.WARNING)
        related = _behind(node, statement)
        if around is not None and statement.closed:
            place = Place(statement.source, statement.body_end, statement.end)
            related.insert(0, Location(node, place, f"ends {head(around)}"))
            lost = f"drops its lines, takes its }} for the end of {head(around)}, and drops what follows there"
        else:
            lost = "drops every line of the block"
        message = f"keepalived on {node.name} {lost}: {what}"
        return self.finding(message, node, complaint.at, related=related, fix=fix)


def _behind(node: Node, statement: Statement) -> list[Location]:
    """The lines behind the head of `statement`, to the end of the outermost block around it."""
    whole = statement
    while whole.parent is not None:
        whole = whole.parent
    return misread(node, statement.source, statement.words[-1].end, whole.end)


def _without_brace(node: Node, statement: Statement) -> list[Location]:
    """The lines that keepalived takes for those of the block: outside of all others, up to a } that opens nowhere."""
    if statement.parent is not None or node.keepalived is None:
        return _behind(node, statement)
    ends = node.keepalived.problem_ends(statement.source)
    number = bisect_left(ends, statement.end)
    end = ends[number] if number < len(ends) else len(statement.source.text.rstrip())
    return misread(node, statement.source, statement.end, end)
