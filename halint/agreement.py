"""What nodes must agree on: who dissents, and the fix that makes them agree.

A majority of at least three nodes is taken as right, and the fix is unsafe. Without one nobody knows who is
right: the finding is reported at the node that would follow, its fix is shown only, and applied for
`--prefer NODE`.
"""

from __future__ import annotations

from collections.abc import Callable

from halint import edits
from halint.finding import Applicability, Create, Edit, Fix, Located, Location
from halint.node import Node
from halint.tree import Word
from halint.virtual_router import Member


class Value:
    """What one member of a virtual router says.

    text: the effective value, compared and shown. at: where it stands, or what its default belongs to.
    word: what to replace, or None where it is a default.
    """

    __slots__ = ("at", "member", "text", "word")

    def __init__(self, member: Member, text: str, at: Located, word: Word | None) -> None:
        self.member = member
        self.text = text
        self.at = at
        self.word = word

    @property
    def node(self) -> Node:
        return self.member.node


class Dissent(Value):
    """A value that differs from `right`, which the majority has, or else the node that would lead."""

    __slots__ = ("right",)

    def __init__(self, value: Value, right: Value) -> None:
        super().__init__(value.member, value.text, value.at, value.word)
        self.right = right

    def related(self) -> list[Location]:
        return [Location(self.right.node, self.right.at, f"{self.right.text} on {self.right.node.name}")]


def majority(values: list[Value]) -> str | None:
    """The text that more than half of at least three values have."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value.text] = counts.get(value.text, 0) + 1
    text = max(counts, key=lambda t: counts[t], default=None)
    return text if text is not None and len(values) >= 3 and counts[text] * 2 > len(values) else None


def dissent(values: list[Value]) -> list[Dissent]:
    """The values that differ from the majority's, or from the leader's (highest priority) where there is none."""
    if len({value.text for value in values}) < 2:
        return []
    wanted = majority(values)
    if wanted is None:
        right = max(values, key=_rank)
    else:
        right = next(value for value in values if value.text == wanted)
    return [Dissent(value, right) for value in values if value.text != right.text]


def fix(title: str, values: list[Value], write: Callable[[Value, Value], Edit | None] | None = None) -> Fix | None:
    """The fix that gives every node the same value, or None where a value cannot be written.

    write: the edit that gives a value the text of another; replaces the word where it is None.
    """
    write = write or _replace
    choices: dict[str, list[Edit | Create]] = {}
    for right in values:
        made = [write(value, right) for value in values if value.text != right.text]
        if None not in made:
            choices[right.node.name] = [edit for edit in made if edit is not None]
    wanted = majority(values)
    leader = next((v for v in values if v.text == wanted), None) or max(values, key=_rank)
    if leader.node.name not in choices:
        return None
    applicability = Applicability.DISPLAY if wanted is None else Applicability.UNSAFE
    return Fix(f"set {title} to {leader.text} as on {leader.node.name}", choices[leader.node.name], applicability, choices)


def _replace(value: Value, right: Value) -> Edit | None:
    return edits.replace(value.word, right.word.raw) if value.word is not None and right.word is not None else None


def _rank(value: Value) -> tuple[int, bool]:
    instance = value.member.instance
    return instance.priority.value, instance.state.value == "MASTER"
